/**
 * Random C programs, once compiled by gcc and run, once evaluated. AVICBOT_DIFFERENTIAL sets how many
 * (500 otherwise), AVICBOT_SEED where they begin; a program is made again from its seed alone.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { program, PRELUDE } from "./differential/program.ts";
import { machineOf, shown } from "./evaluate.ts";

const COUNT = Number(process.env["AVICBOT_DIFFERENTIAL"] ?? 500);
const FIRST = Number(process.env["AVICBOT_SEED"] ?? Math.floor(Date.now() / 1000) % 1_000_000);
/** Programs in one run of gcc. */
const BATCH = 100;

const FLAGS = ["-std=gnu11", "-w", "-O0", "-fwrapv", "-funsigned-char", "-fno-strict-aliasing"];

const directory = mkdtempSync(join(tmpdir(), "avicbot-differential-"));
after(() => rmSync(directory, { recursive: true, force: true }));

function hasGcc(): boolean {
  try {
    execFileSync("gcc", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What gcc's programs print, by seed. A batch that gcc itself fails on (it may crash) is halved. */
function compiled(seeds: readonly number[]): Map<number, string> {
  const source = join(directory, "programs.c");
  const binary = join(directory, "programs");
  const calls = seeds.map((seed) => `printf("%llu\\n", program${seed}());`).join("\n");
  const text = `#include <stdio.h>\n${PRELUDE}${seeds.map(program).join("\n")}\nint main(void) { ${calls} return 0; }\n`;
  writeFileSync(source, text);
  try {
    execFileSync("gcc", [...FLAGS, "-o", binary, source], { stdio: "ignore" });
  } catch {
    if (seeds.length === 1) return new Map();
    const half = Math.ceil(seeds.length / 2);
    return new Map([...compiled(seeds.slice(0, half)), ...compiled(seeds.slice(half))]);
  }
  const lines = execFileSync(binary).toString().trim().split("\n");
  return new Map(seeds.map((seed, i) => [seed, `${lines[i]}n`]));
}

function evaluated(seed: number): string {
  return shown(machineOf(PRELUDE + program(seed)).call(`program${seed}`, [], "a.c"));
}

const skip = hasGcc() ? false : "gcc is not installed";

for (let from = FIRST; from < FIRST + COUNT; from += BATCH) {
  const seeds = Array.from({ length: Math.min(BATCH, FIRST + COUNT - from) }, (_, i) => from + i);
  test(`programs of seeds ${from} to ${from + seeds.length - 1} give what gcc gives`, { skip }, () => {
    const expected = compiled(seeds);
    const wrong = [...expected].filter(([seed, value]) => evaluated(seed) !== value).map(([seed]) => seed);
    assert.deepEqual(wrong, [], "seeds whose programs differ");
    assert.ok(expected.size > seeds.length / 2, "gcc compiled too few of them");
  });
}
