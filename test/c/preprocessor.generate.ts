/** Random macro programs: valid definitions, invocations in all shapes, conditions; from a seed, so repeatable. */

export type Random = (below: number) => number;

/** A small generator of pseudo-random integers (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const OBJECT_NAMES = ["A", "B", "C", "D", "E0", "E1"];
export const FUNCTION_NAMES = ["f", "g", "h", "k", "m", "v"];
const PLAIN = [
  "x",
  "y",
  "z1",
  "int",
  "1",
  "2",
  "0x3",
  "4u",
  "+",
  "-",
  "*",
  ";",
  "->",
  "[",
  "]",
  `"s"`,
  `"a\\n\\"b"`,
  "'c'",
  "{",
  "}",
];

function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[random(list.length)];
  if (item === undefined) throw new RangeError("an empty list");
  return item;
}

function blank(random: Random): string {
  return pick(random, ["", " ", " ", "  ", " /* c */ ", "\\\n", " \\\n  "]);
}

/** Words with random blanks between them; a blank always where two words would melt. */
function join(random: Random, words: readonly string[]): string {
  return words.map((word) => word + pick(random, [" ", " ", "  ", " /**/ "])).join("");
}

function argumentText(random: Random, depth: number): string {
  const count = random(4);
  return join(
    random,
    Array.from({ length: count }, () => word(random, depth + 1)),
  );
}

/** A word of text: plain, a macro's name or an invocation. */
function word(random: Random, depth: number): string {
  const dice = random(10);
  if (dice < 4 || depth > 3) return pick(random, PLAIN);
  if (dice < 6) return pick(random, OBJECT_NAMES);
  if (dice < 7) return pick(random, FUNCTION_NAMES);
  if (dice < 8) return `(${argumentText(random, depth)})`;
  const count = random(8) === 0 ? random(4) : 1 + random(2);
  const parts = Array.from({ length: count }, () => argumentText(random, depth));
  return `${pick(random, FUNCTION_NAMES)}${blank(random).replaceAll("\\\n", " ")}(${parts.join(",")})`;
}

function bodyWord(random: Random, parameters: readonly string[]): string {
  if (parameters.length === 0 || random(3) === 0) return word(random, 2);
  const parameter = pick(random, parameters);
  const dice = random(12);
  if (dice === 0) return `#${blank(random)}${parameter}`;
  if (dice === 1) return `${parameter} ## ${pick(random, ["_t", "7", parameter])}`;
  if (dice === 2) return `q ## ${parameter}`;
  if (dice === 3) return `q##${parameter}##${pick(random, parameters)}`;
  return parameter;
}

function variadicWord(random: Random, rest: string): string {
  return pick(random, [
    `, ## ${rest}`,
    `,${rest}`,
    rest,
    `#${rest}`,
    rest === "__VA_ARGS__" ? "__VA_OPT__(, o)" : rest,
  ]);
}

function define(random: Random): string {
  if (random(2) === 0) {
    const words = Array.from({ length: random(4) }, () => word(random, 1));
    return `#define ${pick(random, OBJECT_NAMES)} ${join(random, words)}`;
  }
  const parameters = ["a", "b", "c"].slice(0, random(4));
  const rest = random(4) > 0 ? "" : pick(random, ["__VA_ARGS__", "rest"]);
  const words = Array.from({ length: random(5) }, () => bodyWord(random, parameters));
  if (rest !== "") words.splice(random(words.length + 1), 0, variadicWord(random, rest));
  const list = [...parameters, ...(rest === "" ? [] : [rest === "rest" ? "rest..." : "..."])];
  return `#define ${pick(random, FUNCTION_NAMES)}(${list.join(", ")})${blank(random)} ${join(random, words)}`;
}

const OPERATORS = [
  "+",
  "-",
  "*",
  "/",
  "%",
  "<<",
  ">>",
  "<",
  ">",
  "<=",
  ">=",
  "==",
  "!=",
  "&",
  "|",
  "^",
  "&&",
  "||",
];
const VALUES = [
  "0",
  "1",
  "2",
  "3u",
  "-1",
  "0x7fffffffffffffff",
  "0xffffffffffffffffu",
  "077",
  "'a'",
  "'\\377'",
  "63",
  "1ul << 40",
];

/** An integer expression as `#if` takes it. */
function condition(random: Random, depth = 0): string {
  const dice = random(12);
  if (depth > 3 || dice < 3) return pick(random, VALUES);
  if (dice === 3) return `defined ${pick(random, OBJECT_NAMES)}`;
  if (dice === 4) return `defined(${pick(random, FUNCTION_NAMES)})`;
  if (dice === 5) return `(${condition(random, depth + 1)})`;
  if (dice === 6) return `${pick(random, ["!", "~", "-", "+"])} ${condition(random, depth + 1)}`;
  if (dice === 7) {
    return `(${condition(random, depth + 1)} ? ${condition(random, depth + 1)} : ${condition(random, depth + 1)})`;
  }
  return `${condition(random, depth + 1)} ${pick(random, OPERATORS)} ${condition(random, depth + 1)}`;
}

function conditional(random: Random): string[] {
  const lines = [`#if ${condition(random)}`, "one", define(random)];
  if (random(2) === 0) lines.push(`#elif ${condition(random)}`, "two");
  if (random(2) === 0) lines.push("#else", "three", `#undef ${pick(random, FUNCTION_NAMES)}`);
  return [...lines, "#endif"];
}

/** One program of a dozen or two lines. */
export function macroProgram(random: Random): string[] {
  const lines = Array.from({ length: 4 + random(5) }, () => define(random));
  for (let count = 3 + random(4); count > 0; count--) {
    const dice = random(8);
    if (dice === 0) lines.push(...conditional(random));
    else if (dice === 1)
      lines.push(`#undef ${pick(random, [...OBJECT_NAMES, ...FUNCTION_NAMES])}`, define(random));
    else
      lines.push(
        join(
          random,
          Array.from({ length: 1 + random(4) }, () => word(random, 0)),
        ),
      );
  }
  return lines;
}
