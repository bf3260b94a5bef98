// `npm run test:torture -- [--minutes M] [--seed N]`: hostile and broken input with ever new seeds until the time is
// over. The tests are those of `npm test`; only how many seeds they take, and where these begin, differs.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

/** Path parts of tests that take no seed: once is enough. */
const ONCE = [
  "torture/",
  "mail/torture",
  "e2e/hostile",
  "web/hostile",
  "reply/clean",
  "e2e/loops",
  "c/preprocessor",
];
const SEEDED = [
  "torture/fuzz",
  "torture/zzuf",
  "torture/csmith",
  "patch/mutation",
  "c/mutation",
  "c/differential",
];
const COUNTS = {
  AVICBOT_ZZUF: 1250,
  AVICBOT_CSMITH: 250,
  AVICBOT_FUZZ: 5000,
  AVICBOT_DIFFERENTIAL: 1000,
};
/** No seed of a round is one of the next. */
const STEP = 2000;

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
});
const end = Date.now() + Number(values.minutes) * 60_000;
const first = Number(values.seed);
if (!Number.isSafeInteger(first) || !(end > 0)) {
  console.error("usage: npm run test:torture -- [--minutes 60] [--seed 1]");
  process.exit(2);
}

function run(names, seed, counts) {
  console.log(`seed ${seed}: ${names.join(" ")}`);
  const env = { ...process.env, AVICBOT_SEED: String(seed), ...counts };
  const { status } = spawnSync(process.execPath, ["scripts/test.mjs", ...names], { stdio: "inherit", env });
  if (status !== 0) {
    console.error(`torture: failed; again with --seed ${seed} --minutes 0`);
    process.exit(1);
  }
}

run(ONCE, first, {});
let seed = first;
do {
  run(SEEDED, seed, COUNTS);
  seed += STEP;
} while (Date.now() < end);
console.log(`torture: seeds ${first} to ${seed - 1} passed`);
