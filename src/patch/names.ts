/** File names in diff headers: quoting, prefixes, and whether a name stays inside the tree. */

export interface NamePair {
  readonly oldName: string | null;
  readonly newName: string | null;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
  ['"', '"'],
  ["\\", "\\"],
]);

interface Quoted {
  readonly name: string;
  /** What stands behind the closing quote. */
  readonly rest: string;
}

/** Reads a name in C quotes (git's core.quotePath), null when the quoting is wrong. */
function readQuoted(text: string): Quoted | null {
  let name = "";
  for (let at = 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') return { name, rest: text.slice(at + 1) };
    if (char !== "\\") {
      name += char;
      continue;
    }
    const octal = /^[0-3][0-7]{2}/.exec(text.slice(at + 1, at + 4));
    const escaped = octal ? String.fromCharCode(parseInt(octal[0], 8)) : ESCAPES.get(text.charAt(at + 1));
    if (escaped === undefined) return null;
    name += escaped;
    at += octal ? 3 : 1;
  }
  return null;
}

/** The name of a `--- ` or `rename from ` line: unquoted, without time stamp; null when it cannot be read. */
export function readName(text: string): string | null {
  if (text.startsWith('"')) return readQuoted(text)?.name ?? null;
  const name = text.split("\t", 1)[0] ?? "";
  return name === "" ? null : name;
}

/**
 * The two names behind `diff --git `. Without quotes and with blanks in the name only one split makes the
 * names equal: the one in the middle. Prefixes have the same length (`a/` and `b/`) or there are none.
 */
export function readGitNames(text: string): NamePair | null {
  if (text.startsWith('"')) return readQuotedPair(text);
  if (text.endsWith('"')) {
    const at = text.indexOf(' "');
    const second = at < 0 ? null : readQuoted(text.slice(at + 1));
    return second && second.rest === "" ? { oldName: text.slice(0, at), newName: second.name } : null;
  }
  return readPlainPair(text);
}

function readQuotedPair(text: string): NamePair | null {
  const first = readQuoted(text);
  if (!first?.rest.startsWith(" ")) return null;
  const newName = readName(first.rest.slice(1));
  return newName === null ? null : { oldName: first.name, newName };
}

function readPlainPair(text: string): NamePair | null {
  const blank = text.indexOf(" ");
  if (blank > 0 && blank === text.lastIndexOf(" ") && blank < text.length - 1) {
    return { oldName: text.slice(0, blank), newName: text.slice(blank + 1) };
  }
  const middle = (text.length - 1) / 2;
  if (text[middle] !== " ") return null;
  const pair = { oldName: text.slice(0, middle), newName: text.slice(middle + 1) };
  const same = pair.oldName === pair.newName || afterPrefix(pair.oldName) === afterPrefix(pair.newName);
  return same ? pair : null;
}

function firstPart(name: string): string {
  return name.slice(0, name.indexOf("/") + 1);
}

function afterPrefix(name: string): string {
  return name.slice(firstPart(name).length);
}

const DEV_NULL = "/dev/null";

/**
 * Takes the prefix off both names (`a/`, `b/`, `linux-6.1.orig/`). Both sides with the same first part have no
 * prefix (diff.noprefix, `quilt -p0`); /dev/null becomes null.
 */
export function stripPrefixes(pair: NamePair): NamePair {
  const oldName = pair.oldName === DEV_NULL ? null : pair.oldName;
  const newName = pair.newName === DEV_NULL ? null : pair.newName;
  if (oldName !== null && newName !== null && firstPart(oldName) === firstPart(newName)) {
    return { oldName, newName };
  }
  return {
    oldName: oldName === null ? null : afterPrefix(oldName),
    newName: newName === null ? null : afterPrefix(newName),
  };
}

/**
 * Whether a name is a plain path inside the tree: relative, no `.` or `..`, nothing of .git, no control
 * characters.
 */
export function isSafePath(path: string): boolean {
  if (path === "" || path.length > 4096 || /[\x00-\x1f\x7f\\]/.test(path)) return false;
  return path
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git");
}
