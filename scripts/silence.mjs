// `npm run test:silence -- PATH…`: scans archives of lists without AVIC series; fails if any reply would be sent.
// --tree DIR or --git REPO name the kernel; without them it is a tree of the tests.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { parseArgs } from "node:util";

const BIN = "dist/avicbot.cjs";
const KERNEL = ".cache/linux-6.12";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tree: { type: "string" }, git: { type: "string" } },
});
if (positionals.length === 0 || !existsSync(BIN)) {
  console.error("usage: npm run test:silence -- [--tree DIR | --git REPO] ARCHIVE… (after npm run build)");
  process.exit(2);
}
const kernel = values.git === undefined ? ["--tree", values.tree ?? KERNEL] : ["--git", values.git];
const countIn = (text, pattern) => Number(pattern.exec(text)?.[1] ?? NaN);

let mails = 0;
let silent = true;
for (const path of positionals) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "scan", ...kernel, path], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: "1" },
  });
  const found = countIn(stdout, /^(\d+) mails,/m);
  const series = countIn(stdout, /, (\d+) series/m);
  const sends = countIn(stdout, /^would send (\d+)$/m);
  if (status !== 0) {
    console.error(stderr.trim());
    process.exit(1);
  }
  console.log(`${realpathSync(path)}: ${found} mails, ${series} series, would send ${sends}`);
  for (const line of stdout.split("\n")) if (line.startsWith("*")) console.log(line);
  mails += found;
  silent &&= sends === 0;
}
console.log(
  `${mails} mails in ${positionals.length} archives: ${silent ? "no reply would be sent" : "NOT SILENT"}`,
);
process.exit(silent ? 0 : 1);
