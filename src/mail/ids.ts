/** Message-IDs as mails carry them: in angle brackets, among comments and words, or bare. */
import { readComment } from "./addresses.ts";

/** Longest id that fits a header line of 998 bytes (RFC 5322 2.1.1). */
const MAX_ANSWERABLE = 998;

/**
 * The ids of an In-Reply-To or References value, without brackets, in their order and each once. Words,
 * quoted strings and comments around them are passed over. Without any bracket, words with an `@` count.
 */
export function parseIds(raw: string): string[] {
  const ids = raw.includes("<") ? bracketedIds(raw) : bareIds(raw);
  return [...new Set(ids)];
}

/** The id of a Message-ID value, or null if it holds none. A value without brackets is taken as it is. */
export function parseMessageId(raw: string): string | null {
  if (raw.includes("<")) return bracketedIds(raw)[0] ?? null;
  const bare = withoutComments(raw).replaceAll(">", "").trim();
  return bare === "" ? null : bare;
}

/** Whether an id may stand in In-Reply-To: printable ASCII, no blanks or brackets, short enough for a line. */
export function isAnswerable(id: string | null): boolean {
  return id !== null && id.length <= MAX_ANSWERABLE && /^[!-;=?-~]+$/.test(id);
}

function bracketedIds(raw: string): string[] {
  const ids: string[] = [];
  for (let at = 0; at < raw.length;) {
    const char = raw[at];
    if (char === "(") {
      at = readComment(raw, at).end;
    } else if (char === "<") {
      const close = raw.indexOf(">", at);
      const end = close < 0 ? raw.length : close;
      // An id never holds `<`: in `<broken <good@x>` the last bracket opens it.
      const id = raw.slice(raw.lastIndexOf("<", end) + 1, end).trim();
      if (id !== "") ids.push(id);
      at = end + 1;
    } else {
      at++;
    }
  }
  return ids;
}

function bareIds(raw: string): string[] {
  return withoutComments(raw)
    .split(/[\s,]+/)
    .filter((word) => word.includes("@"));
}

function withoutComments(raw: string): string {
  const out: string[] = [];
  for (let at = 0; at < raw.length;) {
    const open = raw.indexOf("(", at);
    out.push(raw.slice(at, open < 0 ? raw.length : open));
    at = open < 0 ? raw.length : readComment(raw, open).end;
  }
  return out.join("");
}
