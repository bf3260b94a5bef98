/**
 * Mails with bits turned over by zzuf: each ends with a verdict, and a table comes only of what the blob ids prove
 * or is the table of the sound mail. AVICBOT_ZZUF sets how many seeds, AVICBOT_SEED where they begin.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { openDirectory } from "../../src/kernel/directory.ts";
import type { KernelSource } from "../../src/kernel/source.ts";
import { classify } from "../../src/mail/classify.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { assembleSeries } from "../../src/mail/series.ts";
import { packagePath } from "../../src/package-root.ts";
import { parseCommands } from "../../src/reply/commands/parse.ts";
import { createEvaluator, type Evaluator } from "../../src/review/evaluate.ts";
import { reviewSeries } from "../../src/review/review.ts";
import type { Review } from "../../src/review/types.ts";
import { runSeed } from "../patch/random.ts";
import { LIMITS } from "./runner.ts";
import { seedMails } from "./seeds.ts";

const COUNT = Number(process.env["AVICBOT_ZZUF"] ?? 25);
/** Share of the bits that are turned over. */
const RATIOS = ["0.0001", "0.0005", "0.002", "0.02"];

const skip = spawnSync("zzuf", ["-V"]).status === 0 ? false : "no zzuf on this machine";

function damaged(mail: string, seed: number): Buffer {
  const args = ["-s", String(seed), "-r", RATIOS[seed % RATIOS.length] ?? ""];
  return spawnSync("zzuf", args, { input: Buffer.from(mail, "latin1"), maxBuffer: 1 << 26 }).stdout;
}

describe("zzuf", { skip, timeout: 3_600_000 }, () => {
  let source: KernelSource;
  let evaluate: Evaluator;
  before(async () => {
    source = await openDirectory(packagePath("demo", "linux"));
    evaluate = createEvaluator();
  });
  after(() => source.close());

  async function review(bytes: Buffer): Promise<Review | null> {
    const message = parseMessage(bytes);
    classify(message);
    parseCommands(message.ownText);
    const [series] = assembleSeries([message]).series;
    return series === undefined ? null : reviewSeries(series, source, { evaluate });
  }

  for (const [name, mail] of seedMails()) {
    test(`${COUNT} times damage to the mail: ${name}`, async (context) => {
      const first = runSeed();
      context.diagnostic(`seeds from ${first}`);
      const sound = await review(Buffer.from(mail, "latin1"));
      for (let seed = first; seed < first + COUNT; seed++) {
        const start = process.cpuUsage();
        const made = await review(damaged(mail, seed));
        const { user, system } = process.cpuUsage(start);
        assert.ok((user + system) / 1000 <= LIMITS.cpuMs, `seed ${seed}: ${(user + system) / 1000} ms`);
        if (made?.verdict !== "changed") continue;
        const proven = made.series.patches.every(({ postImageVerified }) => postImageVerified === true);
        if (proven) assert.deepEqual(made.rows, sound?.rows, `seed ${seed}`);
      }
    });
  }
});
