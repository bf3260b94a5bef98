/** Names that stand at file scope in a text, whatever branches are active: what it can possibly define. */
import { isIdentifierPart, isIdentifierStart } from "./lexer.ts";
import type { SourceFile } from "./scan.ts";
import { commentEnd, literalEnd } from "./splice.ts";
import { wordHash } from "./wordfilter.ts";

/** Depth of braces at an `#if` and behind its first branch. */
interface Branch {
  readonly before: number;
  after: number | null;
  hasElse: boolean;
}

interface Walk {
  readonly text: string;
  readonly names: Set<string>;
  readonly branches: Branch[];
  depth: number;
  /** Branches disagree about braces: nothing is sure. */
  isLost: boolean;
}

const NAMES = new WeakMap<SourceFile, ReadonlySet<string> | null>();

/** Whether the file may define the name at file scope; false is certain. */
export function mayDefine(source: SourceFile, name: string): boolean {
  if (!source.mayHold(wordHash(name))) return false;
  let names = NAMES.get(source);
  if (names === undefined) {
    names = findNames(source);
    NAMES.set(source, names);
  }
  return names === null || names.has(name);
}

function findNames(source: SourceFile): ReadonlySet<string> | null {
  const walk: Walk = { text: source.text, names: new Set(), branches: [], depth: 0, isLost: false };
  let from = 0;
  for (const directive of source.directives) {
    walkText(walk, from, directive.start);
    walkDirective(walk, directive.name);
    from = directive.end;
  }
  walkText(walk, from, source.text.length);
  return walk.isLost || walk.depth !== 0 || walk.branches.length > 0 ? null : walk.names;
}

function walkDirective(walk: Walk, name: string): void {
  if (name === "if" || name === "ifdef" || name === "ifndef") {
    walk.branches.push({ before: walk.depth, after: null, hasElse: false });
    return;
  }
  const branch = walk.branches.at(-1);
  if (!branch || !/^(?:else|elif|elifdef|elifndef|endif)$/.test(name)) return;
  branch.after ??= walk.depth;
  branch.hasElse ||= name === "else";
  if (walk.depth !== branch.after) walk.isLost = true;
  walk.depth = name === "endif" ? branch.after : branch.before;
  if (name !== "endif") return;
  if (!branch.hasElse && branch.after !== branch.before) walk.isLost = true;
  walk.branches.pop();
}

/** Characters at which the walk looks up: those that begin a name, and braces, comments and literals. */
const NOTABLE = Uint8Array.from({ length: 256 }, (_, code) =>
  isIdentifierStart(code) || [34, 39, 47, 123, 125].includes(code) ? 1 : 0,
);

function walkText(walk: Walk, start: number, end: number): void {
  const { text } = walk;
  let at = start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (NOTABLE[code] === 0) at++;
    else if (isIdentifierStart(code)) {
      const from = at;
      while (at < end && isIdentifierPart(text.charCodeAt(at))) at++;
      if (walk.depth === 0) walk.names.add(text.slice(from, at));
    } else at = passOther(walk, at, end, code);
  }
}

function passOther(walk: Walk, at: number, end: number, code: number): number {
  if (code === 123) walk.depth++;
  else if (code === 125) {
    walk.depth--;
    if (walk.depth < 0) walk.isLost = true;
  } else if (code === 47) return Math.max(commentEnd(walk.text, at, end), at + 1);
  else if (code === 34 || code === 39) {
    const stop = literalEnd(walk.text, at, end);
    if (stop === 0) walk.isLost = true;
    return stop || at + 1;
  }
  return at + 1;
}
