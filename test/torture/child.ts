/** Runs vectors, one a line of stdin, and says what each led to and cost, one a line of stdout. */
import { createInterface } from "node:readline";
import { ENTRANCES, type Entrance } from "./entrances.ts";
import { idleKb, measure, type Cost } from "./measure.ts";

export interface Task {
  readonly entrance: Entrance;
  readonly path: string;
}

export interface Answer extends Cost {
  readonly verdict: string;
  /** Own keys of Object.prototype beyond those at the start. */
  readonly polluted: number;
}

const inherited = Reflect.ownKeys(Object.prototype).length;
let idle: number | undefined;

/** Times that the first task runs unmeasured: it loads what is loaded once, and has V8 compile it. */
const WARM_UP = 3;

async function answer({ entrance, path }: Task): Promise<Answer> {
  const run = async () => {
    try {
      return await ENTRANCES[entrance](path);
    } catch (error) {
      return `THROWN ${(error as Error).stack}`;
    }
  };
  if (idle === undefined) {
    for (let round = 0; round < WARM_UP; round++) await run();
    idle = idleKb();
  }
  const { result, cost } = await measure(idle, run);
  return { verdict: result, polluted: Reflect.ownKeys(Object.prototype).length - inherited, ...cost };
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Task))}\n`);
