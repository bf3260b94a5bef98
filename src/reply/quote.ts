/** The short quote of a patch on top of the reply: the changed lines that concern interception. */
import { cleanCode } from "./clean.ts";

const MAX_QUOTED = 4;
/** Words that say a changed line is about which accesses are passed through. */
const TOPIC = /x2av?p?ic|APIC_|intercept|MSR_TYPE|msrpm|_msrs?\b/i;

interface HunkText {
  readonly header: string;
  readonly changed: readonly string[];
  readonly score: number;
}

function isChange(line: string): boolean {
  return (
    (line.startsWith("+") && !line.startsWith("+++ ")) || (line.startsWith("-") && !line.startsWith("---"))
  );
}

/** What a patch adds says more about it than what it removes. */
function weigh(line: string): number {
  if (!TOPIC.test(line)) return 0;
  return line.startsWith("+") ? 100 : 1;
}

/** The hunks of the diffs, with their changed lines. */
function splitHunks(patchText: string): HunkText[] {
  const hunks: { header: string; changed: string[] }[] = [];
  let current: { header: string; changed: string[] } | null = null;
  for (const line of patchText.split("\n")) {
    if (line.startsWith("@@ ")) hunks.push((current = { header: line, changed: [] }));
    else if (line.startsWith("diff --git ") || line === "-- ") current = null;
    else if (current !== null && isChange(line)) current.changed.push(line);
  }
  return hunks.map((hunk) => ({ ...hunk, score: hunk.changed.reduce((sum, line) => sum + weigh(line), 0) }));
}

function decode(byteString: string): string {
  return Buffer.from(byteString, "latin1").toString("utf8");
}

/** Changes of a hunk from the first one that adds something about interception on. */
function excerpt(changed: readonly string[]): string[] {
  const clean = (lines: readonly string[]) => lines.map((line) => cleanCode(decode(line)));
  if (changed.length <= MAX_QUOTED) return clean(changed);
  const first = changed.findIndex((line) => weigh(line) > 1);
  const start = Math.max(0, first);
  return [...clean(changed.slice(start, start + MAX_QUOTED)), "[...]"];
}

/**
 * The header of the hunk that adds most about interception and some of its changes, `[...]` where others are
 * left out. Empty when the text holds no hunk.
 */
export function quotePatch(patchText: string): string[] {
  const best = splitHunks(patchText).reduce<HunkText | null>(
    (found, hunk) => (found === null || hunk.score > found.score ? hunk : found),
    null,
  );
  return best === null ? [] : [cleanCode(decode(best.header)), ...excerpt(best.changed)];
}
