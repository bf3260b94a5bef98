/** Finding a series by whatever a person has at hand. */
import { hashOf } from "./keys.ts";
import type { Db, Stored } from "./record.ts";
import { findSeriesById, type SeriesRecord } from "./series.ts";

/** Longer texts are no ids: a header line has at most 998 bytes. */
const TEXT_MAX = 4096;

/**
 * The Message-IDs a text may mean, likeliest first, as byte strings: `<id>`, `id`, percent-encoded, or the
 * URL of a web archive, with or without its scheme (`https://lore.kernel.org/kvm/ID/T/#u`).
 */
export function idsMeant(text: string): string[] {
  if (text.length > TEXT_MAX) return [];
  const bare = text.trim().replace(/^(?:mid|id|message-id):\s*/i, "");
  const forms = [...fromUrl(bare), bare].map(withoutBrackets);
  const all = forms.flatMap((form) => [form, withoutBrackets(percentDecoded(form))]);
  return [...new Set(all)].filter((id) => id !== "").map(asBytes);
}

export async function findSeriesByText(db: Db, text: string): Promise<Stored<SeriesRecord> | null> {
  for (const id of idsMeant(text)) {
    const found = await findSeriesById(db, id);
    if (found !== null) return found;
  }
  return null;
}

/** Keys of the messages a text may mean. */
export function messageKeysMeant(text: string): string[] {
  return idsMeant(text).map((id) => hashOf(id));
}

/**
 * Of a URL the parts that look like an id: the last path segment with an `@`, then that with those before it,
 * since an id may hold slashes that somebody did not encode.
 */
function fromUrl(text: string): string[] {
  const path = /^(?:https?:\/\/[^/]*|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?)\/(?<path>[^]*)$/i.exec(
    text,
  )?.groups;
  if (path === undefined) return [];
  const segments = (path["path"] ?? "").replace(/[?#].*$/s, "").split("/");
  const named = segments.filter((segment) => segment !== "");
  const last = named.findLastIndex((segment) => /@|%40/i.test(segment));
  if (last < 0) return named.slice(-1);
  return named.slice(0, Math.min(last, 8) + 1).map((_, back) => named.slice(last - back, last + 1).join("/"));
}

function withoutBrackets(text: string): string {
  return text.replace(/^</, "").replace(/>$/, "");
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function asBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
