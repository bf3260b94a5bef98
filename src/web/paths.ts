/**
 * Message-ids in paths. An id may hold anything, slashes included, and the path of a lore URL works here as it
 * is: `/kvm/ID/T/`. Before routing every such path becomes one with the id as a single, encoded segment.
 */

/** What may stand behind the id of a series' page. */
const PAGE_SUFFIXES = [
  "json",
  "txt",
  "mbox",
  "why",
  "explain",
  "approve",
  "hold",
  "ignore",
  "retry",
  "recipients",
];
/** Views that lore has of a mail and this server shows as the page of its series. */
const LORE_VIEWS = ["T", "t", "raw", "t.mbox.gz", "t.atom"];
const API_ROOMS = ["series", "reviews", "messages"];
const API_SUFFIXES = ["approve", "hold", "ignore", "retry", "recipients", "explain"];

/** Names of lists that begin the path of a lore URL, besides those of the configured lists. */
const LORE_LISTS = ["r", "kvm", "lkml", "all"];

/** Decoded once; what is no percent-encoding stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Without the slashes at its end: in one pass, since the path is the client's. */
function withoutSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === "/") end--;
  return text.slice(0, end);
}

function split(rest: string, suffixes: readonly string[]): { id: string; suffix: string } {
  const bare = withoutSlashes(rest);
  const cut = bare.lastIndexOf("/");
  const last = bare.slice(cut + 1);
  if (cut > 0 && suffixes.includes(last)) return { id: bare.slice(0, cut), suffix: last };
  return { id: bare, suffix: "" };
}

function encoded(id: string): string {
  return encodeURIComponent(decoded(id));
}

/** The rewriting for a server of these lists (their addresses). */
export function pathRewriter(listAddresses: readonly string[]): (target: string) => string {
  const names = new Set([...LORE_LISTS, ...listAddresses.map((address) => address.split("@", 1)[0] ?? "")]);
  return (target) => {
    const query = target.indexOf("?");
    const path = query < 0 ? target : target.slice(0, query);
    const rewritten = rewritePath(path, names);
    return query < 0 ? rewritten : rewritten + target.slice(query);
  };
}

function rewritePath(path: string, names: ReadonlySet<string>): string {
  const [, first = "", second = "", room = ""] = path.split("/", 4);
  if (first === "api" && second === "v1" && API_ROOMS.includes(room)) {
    const start = `/api/v1/${room}`;
    const { id, suffix } = split(path.slice(start.length + 1), API_SUFFIXES);
    if (id === "") return start;
    return `${start}/${encoded(id)}${suffix === "" ? "" : `/${suffix}`}`;
  }
  if (!names.has(first)) return path;
  const { id, suffix } = split(path.slice(first.length + 2), [...PAGE_SUFFIXES, ...LORE_VIEWS]);
  if (id === "") return path;
  return `/r/${encoded(id)}/${LORE_VIEWS.includes(suffix) ? "" : suffix}`;
}

/** The id, a byte string, as a segment of a path. */
export function idSegment(id: string): string {
  return encodeURIComponent(Buffer.from(id, "latin1").toString("utf8")).replaceAll("%40", "@");
}

/** Path of a series' page, or of what is behind it. */
export function pagePath(id: string, suffix = ""): string {
  return `/r/${idSegment(id)}/${suffix}`;
}
