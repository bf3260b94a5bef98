/** Splits text at file scope into external declarations, without expanding macros. */
import { declaredBy, isName, lastTagKeyword } from "./declared.ts";
import type { Declared, MemberNames } from "./declared.ts";
import type { Place, WordSource } from "../text/words.ts";

/** One external declaration: from its first word up to and with `;` or `}`. */
export interface Item {
  readonly from: Place;
  readonly to: Place;
  readonly declared: Declared;
  /** It ends where it should. */
  readonly isClosed: boolean;
}

interface MemberList extends MemberNames {
  readonly tags: string[];
  readonly enumerators: string[];
  isOpaque: boolean;
}

/** An item while it is read. */
interface Draft {
  readonly words: WordSource;
  /** The words outside of braces; `{}` for each group in braces. */
  readonly heads: string[];
  readonly members: MemberList;
  isClosed: boolean;
}

/** Bounds against hostile text; the biggest files of the kernel stay far below. */
const MOST_ITEMS = 50_000;
const MOST_HEADS = 20_000;

/** The declarations in order; what lies behind the first 50,000 is left out. */
export function splitItems(words: WordSource): Item[] {
  const items: Item[] = [];
  for (let first = words.next(); first !== "" && items.length < MOST_ITEMS; first = words.next()) {
    if (first === ";" || first === "}") continue;
    items.push(readItem(words, first));
  }
  return items;
}

function readItem(words: WordSource, first: string): Item {
  const draft: Draft = {
    words,
    heads: [],
    members: { tags: [], enumerators: [], isOpaque: false },
    isClosed: true,
  };
  const from = words.here();
  const isFunction = readHeads(draft, first);
  const { heads, members, isClosed } = draft;
  return { from, to: words.here(), declared: declaredBy(heads, members, isFunction), isClosed };
}

/** Reads up to the end of the declaration; true if that is a function's body. */
function readHeads(draft: Draft, first: string): boolean {
  const { words, heads } = draft;
  let parens = 0;
  let isValue = false;
  for (let word = first; word !== ""; word = words.next()) {
    if (word === "{") {
      const body = parens > 0 || isValue ? "value" : bodyKind(heads);
      readBody(draft, body);
      heads.push("{}");
      if (body === "function") return true;
      continue;
    }
    if (heads.length < MOST_HEADS) heads.push(word);
    else draft.isClosed = false;
    if (word === "(") parens++;
    else if (word === ")") parens--;
    else if (parens <= 0 && word === "=") isValue = true;
    else if (parens <= 0 && word === ";") return false;
  }
  return false;
}

type BodyKind = "function" | "enum" | "members" | "value";

/** What a `{` outside of parentheses and values begins. */
function bodyKind(heads: readonly string[]): BodyKind {
  const keyword = lastTagKeyword(heads);
  if (keyword === "enum") return "enum";
  return keyword === null ? "function" : "members";
}

function readBody(draft: Draft, kind: BodyKind): void {
  if (kind === "enum") readEnumerators(draft);
  else if (kind === "members") readMembers(draft);
  else if (!draft.words.skipBraces()) draft.isClosed = false;
}

function readEnumerators({ words, members }: Draft): void {
  let isFirst = true;
  let parens = 0;
  let before = "";
  for (let word = words.next(); word !== "" && word !== "}"; word = words.next()) {
    if (word === "(") parens++;
    else if (word === ")") parens--;
    else if (parens === 0 && word === ",") isFirst = true;
    else if (isFirst) members.enumerators.push(word);
    // `X(a) X(b)` and `LIST X`: what stands for a name is an invocation
    if (before !== "" && word !== "," && word !== "=") members.isOpaque = true;
    before = isFirst && word !== "," ? word : "";
    if (before !== "") isFirst = false;
    if (word === "{") words.skipBraces();
  }
}

/** Finds the tags defined among members, at any depth. */
function readMembers(draft: Draft): void {
  const { words, members } = draft;
  let keyword = "";
  let name = "";
  for (let depth = 1, word = words.next(); ; word = words.next()) {
    if (word === "") {
      draft.isClosed = false;
      return;
    }
    if (word === "}" && --depth === 0) return;
    if (word === "struct" || word === "union" || word === "enum") {
      keyword = word;
      name = "";
    } else if (word === "{" && keyword !== "") {
      if (name !== "") members.tags.push(`${keyword} ${name}`);
      if (keyword === "enum") readEnumerators(draft);
      else depth++;
      keyword = "";
    } else if (word === "{") depth++;
    else if (keyword !== "" && isName(word)) name = word;
    else if (word !== "(" && word !== ")") keyword = "";
  }
}
