/** A whole `avicbot review` of a three-patch series on Linux 6.12 as a multiple of a node that does nothing. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packagePath } from "../src/package-root.ts";
import { asMbox, bytesOf, makeMails } from "../test/e2e/git-mails.ts";
import { postedSeries } from "../test/e2e/posted-series.ts";
import { realTree } from "../test/interception/kernels.ts";
import type { Bench } from "./harness/bench.ts";
import { alternate, avicbot, runMeasured, walls } from "./harness/process.ts";
import { most, ratios } from "./harness/stats.ts";

export const title = "`avicbot review` of a three-patch series";

const MOST_TIMES = 6;
const MOST_MB = 150;
const KERNEL = packagePath(".cache/linux-6.12");

export async function run({ report, quick, dir }: Bench): Promise<void> {
  const tree = realTree("6.12");
  if (tree === null)
    return report.skip("no kernel under .cache/linux-6.12; npm run setup test puts it there");
  const { before, patches } = postedSeries(tree);
  const file = join(dir, "series.mbox");
  writeFileSync(file, bytesOf(asMbox(makeMails(before, patches.slice(0, 3)))));
  const command = avicbot(packagePath("dist/avicbot.cjs"), "review", file, "--tree", KERNEL);
  const found = await alternate(
    [
      { name: "avicbot review", run: () => runMeasured(command) },
      { name: "node -e 0", run: () => runMeasured({ command: process.execPath, args: ["-e", "0"] }) },
    ],
    { rounds: quick ? 5 : 21 },
  );
  for (const [name, samples] of found) report.samples(name, samples);
  const own = found.get("avicbot review") ?? [];
  const times = ratios(walls(own), walls(found.get("node -e 0")));
  report.goal({ name: "time to `node -e 0`", values: times, bound: MOST_TIMES, kind: "at most" });
  const peak = most(own.map(({ memory }) => memory ?? Number.NaN));
  report.goal({ name: "peak memory", values: [peak], bound: MOST_MB, kind: "at most", unit: "MB" });
}
