/** Text that mails are cut from, made once from the seed: prose, code in hunks, noise as signatures hold it. */
import type { Random } from "../../test/patch/random.ts";

export interface Pools {
  readonly random: Random;
  readonly pick: <T>(items: readonly T[]) => T;
  /** So many lines of prose, each with its LF. */
  readonly prose: (lines: number) => string;
  /** A few words, for a title. */
  readonly words: (count: number) => string;
  /** A hunk of a diff whose counts are right. */
  readonly hunk: () => string;
  /** Letters as base64 has them, in lines as a header folds them. */
  readonly noise: (bytes: number) => string;
  readonly hex: (digits: number) => string;
}

const WORDS = (
  "the a of to in is that this and for with not be on as are by from which when we it if but can should would page " +
  "table lock queue buffer driver device memory guest host vcpu register interrupt state function caller patch series " +
  "commit kernel module parameter check return value error path fix drop add use make avoid handle allow support move " +
  "only before after instead already because while since still never always needs looks fine think maybe agree test"
).split(" ");
const CODE = [
  "\tstruct foo_device *dev = to_foo_device(ptr);",
  "\tint ret, i;",
  "",
  "\tif (!dev)",
  "\t\treturn -ENODEV;",
  "\tret = foo_prepare(dev, i);",
  "\tif (ret < 0) {",
  '\t\tdev_err(dev->parent, "cannot prepare: %d\\n", ret);',
  "\t\tgoto out_unlock;",
  "\t}",
  "\tmutex_lock(&dev->lock);",
  "\tfor (i = 0; i < ARRAY_SIZE(dev->queues); i++)",
  "\t\tfoo_queue_reset(&dev->queues[i], GFP_KERNEL);",
  "\t/* The hardware wants the doorbell last. */",
  "\twritel(FIELD_PREP(FOO_CTRL_EN, 1), dev->regs + FOO_CTRL);",
  "out_unlock:",
  "\tmutex_unlock(&dev->lock);",
  "\treturn ret;",
  "}",
];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PROSE_LINES = 4000;
const HUNKS = 1500;
const NOISE = 1 << 17;

export function makePools(random: Random): Pools {
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const words = (count: number) => Array.from({ length: count }, () => pick(WORDS)).join(" ");
  const prose = Array.from({ length: PROSE_LINES }, () => proseLine(random, words));
  const hunks = Array.from({ length: HUNKS }, () => makeHunk(random, pick));
  const noise = Array.from({ length: NOISE }, (_, at) =>
    at % 70 === 69 ? "\n        " : LETTERS[random(64)],
  ).join("");
  const digits = Array.from({ length: NOISE }, () => random(16).toString(16)).join("");
  return {
    random,
    pick,
    words,
    prose: (lines) => {
      const start = random(PROSE_LINES - lines);
      return prose.slice(start, start + lines).join("");
    },
    hunk: () => pick(hunks),
    noise: (bytes) => cut(noise, random(noise.length - bytes - 80), bytes),
    hex: (count) => {
      const start = random(digits.length - count);
      return digits.slice(start, start + count);
    },
  };
}

/** From a letter on, so that what is cut is no folded line by itself. */
function cut(noise: string, start: number, bytes: number): string {
  return noise.slice(start, start + bytes).trim();
}

/** Now and then an empty line, and one that an mbox has to quote. */
function proseLine(random: Random, words: (count: number) => string): string {
  if (random(6) === 0) return "\n";
  if (random(200) === 0) return `From ${words(6)}\n`;
  return `${words(8 + random(6))}\n`;
}

function makeHunk(random: Random, pick: <T>(items: readonly T[]) => T): string {
  const lines: string[] = [];
  let [before, after] = [0, 0];
  const add = (mark: " " | "+" | "-", count: number) => {
    for (let at = 0; at < count; at++) lines.push(`${mark}${pick(CODE)}\n`);
    if (mark !== "+") before += count;
    if (mark !== "-") after += count;
  };
  add(" ", 3);
  for (let block = 0; block <= random(3); block++) {
    add("-", random(6));
    add("+", 1 + random(12));
    add(" ", 3);
  }
  const line = 10 + random(3000);
  return `@@ -${line},${before} +${line + random(9)},${after} @@ static int foo_probe(struct device *dev)\n${lines.join("")}`;
}
