// `npm test` runs every test; `npm test -- NAME…` those whose path contains a NAME.
import { readdirSync } from "node:fs";
import { spawnSync } from "node:child_process";

const wanted = process.argv.slice(2);
const files = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => `test/${file}`)
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort();

if (files.length === 0) {
  console.error(`no test file under test/ matches: ${wanted.join(" ")}`);
  process.exit(2);
}
const { status } = spawnSync(
  process.execPath,
  // a file that never ends is a failure that is told, not a run that hangs
  ["--import", "tsx", "--test", "--test-timeout=600000", "--test-reporter=spec", ...files],
  {
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
