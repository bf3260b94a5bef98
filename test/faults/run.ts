/**
 * `npm run test:faults -- [--row=F09] [--minutes=10] [--seed=N] [--short] [--naive]`: every row of the matrix, then
 * faults at random until the time is over. Prints the seed and what was counted; ends with 1 when a promise broke.
 */
import { parseArgs } from "node:util";
import { runSeed } from "../patch/random.ts";
import { runFaults } from "./sweep.ts";

const { values } = parseArgs({
  options: {
    row: { type: "string", multiple: true },
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(runSeed()) },
    lanes: { type: "string", default: "2" },
  },
});
const clean = await runFaults({
  rows: values.row ?? [],
  minutes: Number(values.minutes),
  seed: Number(values.seed),
  lanes: Number(values.lanes),
});
process.exit(clean ? 0 : 1);
