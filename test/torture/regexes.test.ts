/** Every regular expression of the product on texts made to slow it down: four times the text is not more than that. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { packagePath } from "../../src/package-root.ts";

/** Characters, and the pieces of mails, diffs and C that expressions look for. */
const PIECES = [
  ..." \t\n\r<>()[]\",;:=@-+*.%a0A_/\\#'!?~|&",
  ...[
    "a ",
    "a@",
    "a.",
    "=?",
    "Re: ",
    "[PATCH ",
    "> ",
    "--- a\n",
    "@@ -1 ",
    "\r\n",
    "0x",
    "/*",
    "*/",
    "\\\n",
    "##",
    "ab\n",
    "a:",
    "mon ",
    "v1 ",
  ],
];
/** Sizes that are tried, as long as the one before was quick: a bad expression never ends on the last. */
const SIZES = [512, 2048, 8192, 32_768];
/** Quicker than this is no question; at 512 bytes nothing may be slower. */
const NOISE_MS = 10;

/** Expressions that get only what the operator or this package wrote. */
const TRUSTED: ReadonlyMap<string, string> = new Map([
  ["cli/describe.ts", "the verbs' own options"],
  ["cli/query.ts", "--server"],
  ["web/feed.ts", "the setting web.url"],
]);

interface Found {
  readonly place: string;
  readonly regex: RegExp;
}

function expressionsIn(path: string): Found[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, source = "", flags = ""] = /^\/([^]*)\/([a-z]*)$/.exec(node.text) ?? [];
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push({ place: `${path}:${line + 1} ${node.text}`, regex: new RegExp(source, flags) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Characters that the expression itself names: what it is about to accept. */
function ownPieces({ source }: RegExp): string[] {
  const words = source.replace(/\\./g, " ").match(/[A-Za-z#@<>"=:-]{1,12}/g) ?? [];
  return [...new Set(words)].slice(0, 12);
}

/** Milliseconds of processor time for all that the expression finds in a text, or does not find. */
function cost(regex: RegExp, text: string): number {
  const start = process.cpuUsage();
  if (regex.global) text.replace(regex, "");
  else {
    regex.lastIndex = 0;
    regex.exec(text);
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Whether four times the text takes much more than four times as long, at the first size where that shows. */
function isSlow(regex: RegExp, piece: string): boolean {
  const text = (size: number) => `x${piece.repeat(size / piece.length)}\u0000`;
  const slow = SIZES.find((size) => cost(regex, text(size)) > NOISE_MS);
  if (slow === undefined) return false;
  const best = (one: string) => Math.min(...[1, 2, 3].map(() => cost(regex, one)));
  const [now, quarter] = [best(text(slow)), best(text(slow / 4))];
  return now > NOISE_MS && now > 8 * quarter;
}

for (const file of readdirSync(packagePath("src"), { recursive: true, encoding: "utf8" }).sort()) {
  if (!file.endsWith(".ts") || TRUSTED.has(file)) continue;
  const found = expressionsIn(join(packagePath("src"), file));
  if (found.length === 0) continue;
  test(`linear: the ${found.length} expressions of ${file}`, () => {
    const slow = found.flatMap(({ place, regex }) =>
      [...PIECES, ...ownPieces(regex)]
        .filter((piece) => isSlow(regex, piece))
        .map((piece) => `${place} on ${JSON.stringify(piece)}`),
    );
    assert.deepEqual(slow, []);
  });
}
