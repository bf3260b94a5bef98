/**
 * Programs of csmith, once compiled by gcc and run, once evaluated: what the evaluator answers is what gcc's
 * program answers, and it answers or refuses within its budget. AVICBOT_CSMITH sets how many, AVICBOT_SEED where
 * they begin; the seed of a program makes it again.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { machineOf, shown } from "../c/evaluate.ts";
import { runSeed } from "../patch/random.ts";
import { LIMITS } from "./runner.ts";

const COUNT = Number(process.env["AVICBOT_CSMITH"] ?? 40);
const INCLUDE = "/usr/include/csmith";
const SHAPE = [
  "--nomain",
  "--no-global-variables",
  "--concise",
  "--quiet",
  "--max-funcs",
  "3",
  "--max-block-depth",
  "3",
  "--no-float",
];
const FLAGS = ["-std=gnu11", "-w", "-O0", "-fwrapv", "-fno-strict-aliasing"];
const RUN_MS = 5000;

const limits = [8, 16, 32, 64].map((bits) => {
  const top = (2n ** BigInt(bits - 1) - 1n).toString();
  const suffix = bits === 64 ? "L" : "";
  return `#define INT${bits}_MAX (${top}${suffix})\n#define INT${bits}_MIN (-INT${bits}_MAX - 1)\n#define UINT${bits}_MAX (${2n ** BigInt(bits) - 1n}U${suffix})\n`;
});
/** In place of csmith's own header, which includes those of the host. */
const HEADER = `
typedef signed char int8_t; typedef short int16_t; typedef int int32_t; typedef long int64_t;
typedef unsigned char uint8_t; typedef unsigned short uint16_t; typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
${limits.join("")}
#define INT_MAX INT32_MAX
#define INT_MIN INT32_MIN
#define UINT_MAX UINT32_MAX
#define LONG_MAX INT64_MAX
#define LONG_MIN INT64_MIN
#define CHAR_BIT 8
#define FLT_MAX __FLT_MAX__
#define FLT_MIN __FLT_MIN__
#define DBL_MAX __DBL_MAX__
#define DBL_MIN __DBL_MIN__
#define STATIC static
#define UNDEFINED(value) (value)
#define LOG_INDEX
#define LOG_EXEC
#define FUNC_NAME(x) safe_##x
#include "${INCLUDE}/safe_math.h"
`;
const ENTRY = "\nuint64_t f(void) { return (uint64_t)func_1(); }\n";
const PRINT =
  '\nint printf(const char *, ...);\nint main(void) { printf("%lun", (unsigned long)f()); return 0; }\n';

const dir = mkdtempSync(join(tmpdir(), "avicbot-csmith-"));
after(() => rmSync(dir, { recursive: true, force: true }));
writeFileSync(join(dir, "csmith.h"), HEADER);

const missing = [
  ...["csmith", "gcc"].filter((command) => spawnSync(command, ["--version"], { cwd: dir }).status !== 0),
  ...[INCLUDE].filter((path) => !existsSync(path)),
];
const skip = missing.length === 0 ? false : `not on this machine: ${missing.join(", ")}`;

/** A program without directives; null where csmith itself gives up. */
function programOf(seed: number): string | null {
  const made = spawnSync("csmith", [...SHAPE, "--seed", String(seed)], {
    cwd: dir,
    encoding: "latin1",
    timeout: RUN_MS,
  });
  if (made.status !== 0) return null;
  const flat = execFileSync("gcc", ["-E", "-P", "-w", "-I", dir, "-"], {
    input: made.stdout,
    encoding: "latin1",
  });
  return flat + ENTRY;
}

/** What gcc's program prints; null where it does not end. */
function compiled(text: string): string | null {
  const binary = join(dir, "program");
  execFileSync("gcc", [...FLAGS, "-x", "c", "-o", binary, "-"], { input: text + PRINT });
  const run = spawnSync(binary, { cwd: dir, encoding: "latin1", timeout: RUN_MS });
  return run.status === 0 ? run.stdout : null;
}

test(`csmith: ${COUNT} programs`, { skip, timeout: 3_600_000 }, (context) => {
  const first = runSeed();
  const refusals = new Map<string, number>();
  let right = 0;
  for (let seed = first; seed < first + COUNT; seed++) {
    const text = programOf(seed);
    if (text === null) continue;
    const start = process.cpuUsage();
    const answer = shown(machineOf({ text, charSigned: true }).call("f", [], "a.c"));
    const { user, system } = process.cpuUsage(start);
    assert.ok((user + system) / 1000 <= LIMITS.cpuMs, `seed ${seed}: ${(user + system) / 1000} ms`);
    if (!/^\d+n$/.test(answer)) {
      const [kind = "", code = ""] = answer.split(" ");
      refusals.set(`${kind} ${code}`, (refusals.get(`${kind} ${code}`) ?? 0) + 1);
      continue;
    }
    const expected = compiled(text);
    if (expected === null) continue;
    assert.equal(answer, expected, `seed ${seed}`);
    right += 1;
  }
  context.diagnostic(
    `seeds from ${first}: ${right} right, refused: ${JSON.stringify(Object.fromEntries(refusals))}`,
  );
  assert.ok(right > COUNT / 10, `only ${right} of ${COUNT} were answered`);
});
