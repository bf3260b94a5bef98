/** Where the time of a piece of this process' own work goes, by V8's sampling profiler. */
import { Session, type Profiler } from "node:inspector/promises";

/** Finds its stage by a name of a function or a part of its file's path; the first that fits counts. */
export type StageRule = readonly [stage: string, fits: RegExp];

const INTERVAL_MICROSECONDS = 250;

/** What the profiler itself takes at its end. */
const PROFILER = "node:inspector";

/** Seconds by stage: a sample belongs to the innermost function that a rule fits, else to `others`. */
export async function profileStages(
  work: () => Promise<unknown>,
  rules: readonly StageRule[],
  others: string,
): Promise<Map<string, number>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });
  await session.post("Profiler.start");
  await work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return sumUp(profile, rules, others);
}

function sumUp(profile: Profiler.Profile, rules: readonly StageRule[], others: string): Map<string, number> {
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((one) => [one, id])));
  const own = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url } }) => {
      const name = `${url} ${functionName}`;
      if (url.startsWith(PROFILER)) return [id, PROFILER];
      return [id, rules.find(([, fits]) => fits.test(name))?.[0]];
    }),
  );
  const stages = new Map<string, number>();
  for (const [at, sample] of (profile.samples ?? []).entries()) {
    let node: number | undefined = sample;
    while (node !== undefined && own.get(node) === undefined) node = parents.get(node);
    const stage = (node === undefined ? undefined : own.get(node)) ?? others;
    const seconds = (profile.timeDeltas?.[at] ?? 0) / 1e6;
    stages.set(stage, (stages.get(stage) ?? 0) + seconds);
  }
  stages.delete(PROFILER);
  return stages;
}
