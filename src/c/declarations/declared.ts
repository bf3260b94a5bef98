/** Which names an external declaration declares, judged by its words alone. */

/** What the braces of types declare: in C their tags and enumerators belong to the file. */
export interface MemberNames {
  readonly tags: readonly string[];
  readonly enumerators: readonly string[];
  /** Some enumerators are made by macros invoked among them. */
  readonly isOpaque: boolean;
}

export interface Declared {
  /** Ordinary names: functions, objects, typedefs; usually one. */
  readonly names: readonly DeclaredName[];
  /** `struct a` of every type whose members it lists, also nested ones. */
  readonly tags: readonly string[];
  readonly enumerators: readonly string[];
  /** Some enumerators are made by macros invoked among them. */
  readonly isOpaque: boolean;
  readonly isStatic: boolean;
  /** If it begins as a macro's invocation: the identifiers in its parentheses, which that macro may declare. */
  readonly arguments: readonly string[];
  /** The name of that macro; null if it begins otherwise. */
  readonly invoked: string | null;
  /** If it begins so: all its words outside of braces. */
  readonly words: readonly string[];
}

export interface DeclaredName {
  readonly kind: "function" | "object" | "typedef";
  readonly name: string;
  /** With a body; for objects: not merely `extern`. */
  readonly isComplete: boolean;
  /** An object without initialiser: another declaration of it may have one. */
  readonly isTentative?: boolean;
}

const STORAGE = new Set([
  "static",
  "extern",
  "inline",
  "__inline",
  "__inline__",
  "__always_inline",
  "noinline",
]);
const TYPE_WORDS = new Set(
  (
    "typedef const volatile restrict __restrict register signed unsigned void char short int long float double " +
    "_Bool __signed__ __const __volatile__ _Thread_local __thread auto"
  ).split(" "),
);
const TAG_WORDS = new Set(["struct", "union", "enum"]);
const ATTRIBUTES = new Set([
  "__attribute__",
  "__attribute",
  "asm",
  "__asm__",
  "__asm",
  "__aligned",
  "_Alignas",
]);
const TYPE_CALLS = new Set(["typeof", "__typeof__", "__typeof", "_Atomic"]);

export function isName(word: string | undefined): word is string {
  if (word === undefined || word === "") return false;
  const code = word.charCodeAt(0);
  return (
    (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127 || code === 36
  );
}

/** The keyword if the words end in `struct NAME`, so that a `{` now begins its members; else null. */
export function lastTagKeyword(heads: readonly string[]): string | null {
  for (let at = heads.length - 1; at >= 0; at--) {
    const word = heads[at] ?? "";
    if (TAG_WORDS.has(word)) return word;
    if (word === ")") at = groupStart(heads, at);
    else if (!isName(word)) return null;
    if (word === ")" && !ATTRIBUTES.has(heads[at - 1] ?? "")) return null;
  }
  return null;
}

/** Index of the parenthesis that the one at `at` closes. */
function groupStart(heads: readonly string[], at: number): number {
  for (let depth = 0; at >= 0; at--) {
    if (heads[at] === ")") depth++;
    if (heads[at] === "(" && --depth === 0) return at;
  }
  return 0;
}

function groupEnd(heads: readonly string[], at: number): number {
  for (let depth = 0; at < heads.length; at++) {
    if (heads[at] === "(" || heads[at] === "[") depth++;
    if ((heads[at] === ")" || heads[at] === "]") && --depth === 0) return at;
  }
  return heads.length - 1;
}

export function declaredBy(heads: readonly string[], members: MemberNames, isFunction: boolean): Declared {
  const isTypedef = heads[0] === "typedef" || heads[1] === "typedef";
  const names = isFunction ? functionNames(heads) : new Declarators(heads, isTypedef).names();
  const call = invocationAt(heads);
  return {
    names,
    tags: [...ownTags(heads), ...members.tags],
    enumerators: members.enumerators,
    isOpaque: members.isOpaque,
    isStatic: heads.includes("static"),
    arguments: call < 0 ? [] : heads.slice(call + 1, groupEnd(heads, call)).filter(isName),
    invoked: call < 0 ? null : (heads[call - 1] ?? null),
    words: call < 0 ? [] : heads.filter(isName),
  };
}

function ownTags(heads: readonly string[]): string[] {
  const tags: string[] = [];
  for (let at = heads.indexOf("{}"); at >= 0; at = heads.indexOf("{}", at + 1)) {
    const before = heads.slice(Math.max(0, at - 20), at);
    const keyword = lastTagKeyword(before);
    const name = keyword === null ? undefined : tagName(before.slice(before.lastIndexOf(keyword) + 1));
    if (name !== undefined) tags.push(`${keyword} ${name}`);
  }
  return tags;
}

/** The name among a tag's words: attributes stand before it. */
function tagName(words: readonly string[]): string | undefined {
  let name: string | undefined;
  for (let at = 0; at < words.length; at++) {
    if (words[at] === "(") at = groupEnd(words, at);
    else if (isName(words[at]) && words[at + 1] !== "(") name = words[at];
  }
  return name;
}

/** Where the parenthesis of `DEFINE_THING(a, b)` stands, if it begins so, perhaps behind storage classes. */
function invocationAt(heads: readonly string[]): number {
  let at = 0;
  while (STORAGE.has(heads[at] ?? "")) at++;
  return isName(heads[at]) && heads[at + 1] === "(" && !beginsType(heads[at] ?? "") ? at + 1 : -1;
}

/** Whether the word, with its parentheses, is a type or an attribute instead of an invocation. */
export function beginsType(word: string): boolean {
  return TYPE_CALLS.has(word) || ATTRIBUTES.has(word);
}

/** The last name before a `(` that a type stands before: attributes with arguments may stand on either side. */
function functionNames(heads: readonly string[]): DeclaredName[] {
  let found: string | null = null;
  let hasType = false;
  for (let at = 0; at < heads.length; at++) {
    const word = heads[at] ?? "";
    if (word === "(") {
      found ??=
        heads[at + 1] === "*" && heads[at + 3] === "(" && isName(heads[at + 2])
          ? (heads[at + 2] ?? null)
          : null;
      at = groupEnd(heads, at);
    } else if (isName(word)) {
      if (heads[at + 1] === "(" && !ATTRIBUTES.has(word) && followsType(heads, at, hasType)) found = word;
      hasType ||= !STORAGE.has(word);
    }
  }
  return found === null ? [] : [{ kind: "function", name: found, isComplete: true }];
}

/** `hasType`: a word that is no storage class stands somewhere before. */
function followsType(heads: readonly string[], at: number, hasType: boolean): boolean {
  const before = heads[at - 1];
  if (before === "*" || before === "{}") return true;
  if (before === ")") return !(heads[at] ?? "").startsWith("__") && isAttributeGroup(heads, at - 1);
  return isName(before) && hasType;
}

function isAttributeGroup(heads: readonly string[], close: number): boolean {
  return (heads[groupStart(heads, close) - 1] ?? "").startsWith("__");
}

/** Reads `T a, *b[2] = {…}, (*c)(int), d(void);` */
class Declarators {
  readonly #heads: readonly string[];
  readonly #isTypedef: boolean;
  readonly #isExtern: boolean;
  readonly #found: DeclaredName[] = [];
  /** Candidates of the declarator at hand, in order. */
  #words: string[] = [];
  #isFixed = false;
  #isCall = false;
  #hasType = false;

  constructor(heads: readonly string[], isTypedef: boolean) {
    this.#heads = heads;
    this.#isTypedef = isTypedef;
    this.#isExtern = heads.includes("extern");
  }

  names(): DeclaredName[] {
    const heads = this.#heads;
    for (let at = 0; at < heads.length; at++) at = this.#read(heads[at] ?? "", at);
    return this.#found;
  }

  /** Takes the word at `at`; returns the index of the last word it used. */
  #read(word: string, at: number): number {
    if (word === "(") return this.#group(at);
    if (word === "[") {
      this.#isFixed = true;
      return groupEnd(this.#heads, at);
    }
    if (word === "=") return this.#value(at);
    if (word === "," || word === ";") this.#finish();
    else if (word === "{}" || word === "*") this.#hasType = true;
    else if (TAG_WORDS.has(word)) return this.#tag(at);
    else if (TYPE_WORDS.has(word)) this.#hasType = true;
    else if (isName(word) && !STORAGE.has(word) && !this.#isFixed) this.#words.push(word);
    return at;
  }

  #tag(at: number): number {
    this.#hasType = true;
    return isName(this.#heads[at + 1]) ? at + 1 : at;
  }

  /** `(*name…)`, parameters or an attribute's arguments. */
  #group(at: number): number {
    const close = groupEnd(this.#heads, at);
    const last = this.#heads[at - 1] ?? "";
    if (TYPE_CALLS.has(last)) {
      this.#words.pop();
      this.#hasType = true;
    } else if (ATTRIBUTES.has(last)) {
      this.#words.pop();
    } else if (this.#heads[at + 1] === "*" && !this.#isFixed) {
      const inner = this.#heads.slice(at + 1, close).find((word) => isName(word) && !TYPE_WORDS.has(word));
      if (inner !== undefined) this.#words = [inner];
      this.#hasType = true;
      this.#isFixed = true;
    } else if (!this.#isFixed && isName(last) && (this.#hasType || this.#words.length > 1)) {
      this.#isFixed = true;
      this.#isCall = true;
    }
    return close;
  }

  /** Passes an initialiser. */
  #value(at: number): number {
    this.#finish(true);
    const heads = this.#heads;
    let next = at + 1;
    while (next < heads.length && heads[next] !== "," && heads[next] !== ";") {
      next = (heads[next] === "(" || heads[next] === "[" ? groupEnd(heads, next) : next) + 1;
    }
    return next - 1;
  }

  #finish(hasValue = false): void {
    const words = this.#words;
    const name = words.at(-1);
    const before = words.at(-2);
    const enough = this.#hasType || words.length > 1;
    if (name !== undefined && enough) {
      this.#add(name, hasValue);
      // `int a __read_mostly;`: the attribute looks like the name, so both are kept
      if (name.startsWith("__") && before !== undefined) this.#add(before, hasValue);
    }
    this.#words = [];
    this.#isFixed = hasValue;
    this.#isCall = false;
    if (enough) this.#hasType = true;
    if (!hasValue) this.#isFixed = false;
  }

  #add(name: string, hasValue: boolean): void {
    if (this.#isTypedef) this.#found.push({ kind: "typedef", name, isComplete: true });
    else if (this.#isCall) this.#found.push({ kind: "function", name, isComplete: false });
    else
      this.#found.push({
        kind: "object",
        name,
        isComplete: hasValue || !this.#isExtern,
        isTentative: !hasValue,
      });
  }
}
