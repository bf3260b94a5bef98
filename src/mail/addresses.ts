/**
 * Address lists (RFC 5322 3.4) in one pass, linear in the input. Structure is read before encoded words are
 * decoded, so that an encoded comma or bracket never makes an address.
 */
import { displayText, withoutControls } from "./charset.ts";
import { decodeHeaderText } from "./encoded-words.ts";

export interface Address {
  /** Decoded, without controls; empty if there is none. */
  readonly name: string;
  readonly address: string;
}

interface Token {
  text: string;
  readonly quoted: boolean;
  /** Stands directly behind the token before it. */
  readonly glued: boolean;
}

interface Mailbox {
  tokens: Token[];
  comments: string[];
  angle: string | null;
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

/** What nearly every mailbox looks like; read in one step. */
const COMMON =
  /(?:"([^"\\]*)"[ \t]*|([^"(),:;<>@\\=\x80-\xff]*))<([\w.+%=-]{1,128}@[\w.-]{1,128})>[ \t]*(?:,|$)/y;
const SPECIAL = /[\s"(),:;<>]/g;
const ADDRESS = /^[^\s<>(),:;@\u0000-\u0020]{1,256}@[^\s<>(),;@\u0000-\u0020]{1,256}$/;

/** At most `limit` mailboxes of a raw header value; entries without a usable address are left out. */
export function parseAddresses(raw: string, limit: number): Address[] {
  const found: Address[] = [];
  let box = emptyMailbox();
  let fresh = true;
  for (let at = 0; at < raw.length && found.length < limit;) {
    const common: number = fresh ? readCommon(raw, at, found) : -1;
    const char = raw[at] ?? "";
    fresh = common >= 0 || char === ",";
    if (common >= 0) {
      at = common;
    } else if (char === "," || char === ";" || char === ":") {
      // What stands before a colon is the name of a group.
      if (char !== ":") pushMailbox(found, box);
      box = emptyMailbox();
      at++;
    } else {
      at = readPiece(raw, at, box);
    }
  }
  if (found.length < limit) pushMailbox(found, box);
  return found;
}

/** Takes a mailbox of the common form and returns where the next one starts, -1 if it is of another form. */
function readCommon(raw: string, at: number, found: Address[]): number {
  let start = at;
  while (raw[start] === " " || raw[start] === "\t") start++;
  COMMON.lastIndex = start;
  const match = COMMON.exec(raw);
  if (!match) return -1;
  const [, quoted, words = "", address = ""] = match;
  const name = quoted === undefined ? words : decodeHeaderText(quoted);
  found.push({ name: withoutControls(name).replace(/ {2,}/g, " ").trim(), address });
  return COMMON.lastIndex;
}

function emptyMailbox(): Mailbox {
  return { tokens: [], comments: [], angle: null };
}

/** Reads what stands at `at` into the mailbox and returns where it ends. */
function readPiece(raw: string, at: number, box: Mailbox): number {
  const char = raw[at];
  const glued = at > 0 && !/[\s,;:]/.test(raw[at - 1] ?? "");
  if (char === '"') {
    const { text, end } = readQuoted(raw, at);
    box.tokens.push({ text, quoted: true, glued });
    return end;
  }
  if (char === "(") {
    const { text, end } = readComment(raw, at);
    box.comments.push(text);
    return end;
  }
  if (char === "<") {
    const close = raw.indexOf(">", at);
    box.angle ??= raw.slice(at + 1, close < 0 ? raw.length : close);
    return close < 0 ? raw.length : close + 1;
  }
  SPECIAL.lastIndex = at;
  const end = SPECIAL.exec(raw)?.index ?? raw.length;
  if (end === at) return at + 1;
  box.tokens.push({ text: raw.slice(at, end), quoted: false, glued });
  return end;
}

/** A quoted string; without its closing quote it ends with the value. */
export function readQuoted(raw: string, at: number): Piece {
  const out: string[] = [];
  let end = at + 1;
  for (; end < raw.length && raw[end] !== '"'; end++) {
    if (raw[end] === "\\" && end + 1 < raw.length) end++;
    out.push(raw[end] ?? "");
  }
  return { text: out.join(""), end: end + 1 };
}

/** A comment with the comments nested in it. */
export function readComment(raw: string, at: number): Piece {
  const out: string[] = [];
  let depth = 1;
  let end = at + 1;
  for (; end < raw.length; end++) {
    if (raw[end] === "\\" && end + 1 < raw.length) end++;
    else if (raw[end] === "(") depth++;
    else if (raw[end] === ")" && --depth === 0) break;
    out.push(raw[end] ?? "");
  }
  return { text: out.join(""), end: end + 1 };
}

function pushMailbox(found: Address[], box: Mailbox): void {
  const { address, nameTokens } = box.angle === null ? bareAddress(box.tokens) : angleAddress(box);
  const clean = withoutControls(displayText(address)).trim();
  if (!ADDRESS.test(clean)) return;
  const words = nameTokens
    .map((token, at) => (at > 0 && !token.glued ? ` ${token.text}` : token.text))
    .join("");
  const name = decodeHeaderText(words === "" ? box.comments.join(" ") : words);
  found.push({ name: withoutControls(name).trim(), address: clean });
}

function angleAddress(box: Mailbox): { address: string; nameTokens: Token[] } {
  const inner = (box.angle ?? "").trim();
  // A source route (`<@relay:user@host>`, RFC 5322 4.4) names relays; the mailbox follows the colon.
  const address = inner.startsWith("@") ? inner.slice(inner.indexOf(":") + 1) : inner;
  return { address, nameTokens: box.tokens };
}

/** `Name user@host` or `user@host (Name)`: the last unquoted word with an `@` is the address. */
function bareAddress(tokens: Token[]): { address: string; nameTokens: Token[] } {
  const at = tokens.findLastIndex((token) => !token.quoted && token.text.includes("@"));
  const token = tokens[at];
  if (!token) return { address: "", nameTokens: [] };
  const quotedLocal = token.text.startsWith("@") && token.glued ? tokens[at - 1] : undefined;
  const address = quotedLocal ? quotedLocal.text + token.text : token.text;
  return { address, nameTokens: tokens.slice(0, quotedLocal ? at - 1 : at) };
}
