/** Finding a series by whatever a person has at hand. */
import { hashOf } from "./keys.ts";
import type { Db, Stored } from "./record.ts";
import { findSeriesById, type SeriesRecord } from "./series.ts";

/**
 * The Message-IDs a text may mean, likeliest first, as byte strings: `<id>`, `id`, percent-encoded, or the
 * URL of a web archive (`https://lore.kernel.org/kvm/ID/T/#u`).
 */
export function idsMeant(text: string): string[] {
  const bare = withoutBrackets(fromUrl(text.trim()));
  const decoded = withoutBrackets(percentDecoded(bare));
  return [...new Set([bare, decoded])].filter((id) => id !== "").map(asBytes);
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

/** Of a URL the part that looks most like an id: the last path segment with an `@`. */
function fromUrl(text: string): string {
  if (!/^https?:\/\//i.test(text)) return text.replace(/^(?:mid|id):/i, "");
  const path = text.replace(/^https?:\/\/[^/]*/i, "").replace(/[?#].*$/, "");
  const segments = path.split("/").filter((segment) => segment !== "");
  return segments.findLast((segment) => /@|%40/i.test(segment)) ?? segments.at(-1) ?? "";
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
