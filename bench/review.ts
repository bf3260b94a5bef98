/** A whole `avicbot review` of a three-patch series on Linux 6.12 as a multiple of a node that does nothing. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packagePath } from "../src/package-root.ts";
import { asMbox, bytesOf, makeMails } from "../test/e2e/git-mails.ts";
import { postedSeries } from "../test/e2e/posted-series.ts";
import { realTree } from "../test/interception/kernels.ts";
import { interleaved, peakMemory } from "./lib.ts";

const ROUNDS = 15;
const BOUND = 6;

export async function run(): Promise<void> {
  const tree = realTree("6.12");
  if (tree === null) return console.log("review: no kernel under .cache/linux-6.12; npm test puts it there");
  const dir = mkdtempSync(join(tmpdir(), "avicbot-bench-"));
  try {
    const { before, patches } = postedSeries(tree);
    const file = join(dir, "series.mbox");
    writeFileSync(file, bytesOf(asMbox(makeMails(before, patches.slice(0, 3)))));
    const bin = packagePath("dist/avicbot.cjs");
    const review = {
      name: "review",
      args: [bin, "review", file, "--tree", packagePath(".cache/linux-6.12")],
    };
    const [bare = 1, whole = 0] = interleaved([{ name: "node", args: ["-e", "0"] }, review], ROUNDS);
    const ratio = whole / bare;
    console.log(
      `review: ${ratio.toFixed(2)} x node -e 0 (${whole.toFixed(0)} ms to ${bare.toFixed(0)} ms; bound ${BOUND})`,
    );
    console.log(`review: peak memory ${peakMemory(review) ?? "unknown"} MB (bound 150)`);
    if (ratio > BOUND) process.exitCode = 1;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
