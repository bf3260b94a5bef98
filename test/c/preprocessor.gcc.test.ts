import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { lex } from "../../src/c/text/lexer.ts";
import { Program } from "../../src/c/program.ts";
import { FUNCTION_NAMES, OBJECT_NAMES, macroProgram, seeded } from "./preprocessor.generate.ts";

const PROGRAMS = Number(process.env["AVICBOT_PREPROCESSOR_PROGRAMS"] ?? 2000);
const SEED = Number(process.env["AVICBOT_SEED"] ?? Date.now() % 1_000_000);

/** What a preprocessor made of a program: its tokens, or that it found an error. */
interface Outcome {
  readonly words: readonly string[];
  readonly hasError: boolean;
}

function wordsOf(text: string): string[] {
  return lex(text, { file: "out", start: 0, end: text.length, line: 1 }).tokens.map((token) => token.text);
}

function ours(lines: readonly string[]): Outcome {
  const text = lines.join("\n") + "\n";
  const program = new Program(
    { read: (path) => (path === "a.c" ? text : undefined), list: () => [] },
    bare(),
  );
  const { tokens, problem } = program.expandUnit("a.c");
  const hasError = problem !== null || program.problems("a.c").length > 0;
  return { words: tokens.map((token) => token.text), hasError };
}

function bare(): { defines: Record<string, string>; includeRoots: string[] } {
  return { defines: {}, includeRoots: [] };
}

/** Runs gcc once over all programs: between them a mark, and every macro undefined. */
function theirs(programs: readonly (readonly string[])[]): Outcome[] {
  const lines: string[] = [];
  const owner: number[] = [];
  for (const [index, program] of programs.entries()) {
    const undefs = [...OBJECT_NAMES, ...FUNCTION_NAMES].map((name) => `#undef ${name}`);
    const part = [...program, ...undefs, `"the end of ${index}"`].join("\n").split("\n");
    for (const line of part) {
      lines.push(line);
      owner.push(index);
    }
  }
  const run = spawnSync("gcc", ["-E", "-P", "-std=gnu11", "-x", "c", "-"], {
    input: lines.join("\n") + "\n",
    encoding: "latin1",
    maxBuffer: 1 << 28,
  });
  const failed = new Set(
    [...run.stderr.matchAll(/^<stdin>:(\d+):\d+: error:/gm)].map((match) => owner[Number(match[1]) - 1]),
  );
  const words = wordsOf(run.stdout);
  return programs.map((_, index) => {
    const end = words.indexOf(`"the end of ${index}"`);
    const own = words.splice(0, end + 1).slice(0, -1);
    return { words: own, hasError: failed.has(index) };
  });
}

const hasGcc = spawnSync("gcc", ["--version"]).status === 0;

test(`replaces macros as gcc does: ${PROGRAMS} programs, seed ${SEED}`, { skip: !hasGcc && "no gcc" }, () => {
  const random = seeded(SEED);
  const programs = Array.from({ length: PROGRAMS }, () => macroProgram(random));
  let compared = 0;
  for (const [index, expected] of theirs(programs).entries()) {
    const program = programs[index] ?? [];
    const actual = ours(program);
    const about = `seed ${SEED}, program ${index}:\n${program.join("\n")}\n`;
    assert.equal(actual.hasError, expected.hasError, `${about}error or not`);
    if (expected.hasError) continue;
    assert.equal(actual.words.join(" "), expected.words.join(" "), about);
    compared++;
  }
  assert.ok(compared > PROGRAMS / 4, `only ${compared} programs are free of errors`);
});
