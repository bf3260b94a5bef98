/** Cases of rows, one after the other on one world, and the sum of what came of them. */
import type { Judgement, Reference } from "./oracle.ts";
import { bodyOf } from "./oracle.ts";
import type { FaultRow } from "./row.ts";
import { Scene, type Program } from "./scene.ts";
import { chain, plain, tokenOf, wide, type BodyName, type Unit } from "./traffic.ts";
import type { World } from "./world.ts";

export interface Tally {
  faults: number;
  /** Processes that ended by `kill -9`: services, Redis, mail servers. */
  kills: number;
  rawDoubles: number;
  readonly lost: string[];
  readonly duplicates: string[];
  readonly wrongThread: string[];
  readonly wrongBody: string[];
  readonly recoveredMs: number[];
}

export function emptyTally(): Tally {
  return {
    faults: 0,
    kills: 0,
    rawDoubles: 0,
    lost: [],
    duplicates: [],
    wrongThread: [],
    wrongBody: [],
    recoveredMs: [],
  };
}

/** Whether every promise was kept. */
export function isClean({ lost, duplicates, wrongThread, wrongBody }: Tally): boolean {
  return [lost, duplicates, wrongThread, wrongBody].every((list) => list.length === 0);
}

export function add(sum: Tally, part: Tally): void {
  sum.faults += part.faults;
  sum.kills += part.kills;
  sum.rawDoubles += part.rawDoubles;
  for (const name of ["lost", "duplicates", "wrongThread", "wrongBody"] as const)
    sum[name].push(...part[name]);
  sum.recoveredMs.push(...part.recoveredMs);
}

export interface Trial {
  readonly world: World;
  readonly program: Program;
  readonly reference: Reference;
}

function tallyOf(scene: Scene, judgement: Judgement, more: readonly string[], recoveredMs: number): Tally {
  return {
    faults: scene.faults,
    kills: scene.kills,
    rawDoubles: judgement.rawDoubles,
    lost: [...judgement.unfinished, ...more],
    duplicates: [...judgement.duplicates],
    wrongThread: [...judgement.wrongThread],
    wrongBody: [...judgement.wrongBody],
    recoveredMs: scene.faults === 0 ? [] : [recoveredMs],
  };
}

/** Runs one case; null when the row's point has no such pass. What failed carries the case's name and its log. */
export async function runCase(
  { world, program, reference }: Trial,
  row: FaultRow,
  { variant, pass }: { variant: string; pass: number },
): Promise<Tally | null> {
  const name = `${row.id} ${variant}${row.everyPass === true ? `:${pass}` : ""}`;
  const settings = row.settings?.(variant);
  await world.clear();
  const scene = new Scene(world, { program, reference, ...(settings === undefined ? {} : { settings }) });
  try {
    const injected = (await row.run(scene, variant, pass)) !== false;
    const { judgement, recoveredMs } = await scene.end();
    const more = (await row.check?.(scene, variant)) ?? [];
    const tally = tallyOf(scene, judgement, more, recoveredMs);
    const told = isClean(tally) ? tally : withNames(tally, name, scene.log());
    return injected || !isClean(tally) ? told : null;
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      ...emptyTally(),
      faults: scene.faults,
      kills: scene.kills,
      lost: [`${name}: ${told}\n${scene.log()}`],
    };
  } finally {
    scene.clear();
  }
}

/** The log goes with the first of them. */
function withNames(tally: Tally, name: string, log: string): Tally {
  const named = (list: readonly string[]) => list.map((text) => `${name}: ${text}`);
  const lost = named(tally.lost);
  const other = { ...tally, lost, duplicates: named(tally.duplicates) };
  const told = { ...other, wrongThread: named(tally.wrongThread), wrongBody: named(tally.wrongBody) };
  const first = [told.lost, told.duplicates, told.wrongThread, told.wrongBody].find(
    (list) => list.length > 0,
  );
  if (first !== undefined) first[0] = `${first[0]}\n${log}`;
  return told;
}

/** What an undisturbed service says. Throws when it does not say it. */
export async function makeReference(world: World): Promise<ReadonlyMap<BodyName, string>> {
  await world.clear();
  const scene = new Scene(world, { program: "avicbot", reference: null });
  const found = new Map<BodyName, string>();
  const say = async (unit: Unit, part: readonly string[], names: readonly (BodyName | null)[]) => {
    scene.post(
      [{ ...unit, answers: unit.answers.slice(0, names.length), series: unit.series.slice(0, names.length) }],
      part,
    );
    await scene.untilRight();
    names.forEach((name, at) => {
      const to = unit.answers[at]?.to ?? "";
      const mail = world.smtp.taken.find(({ bytes }) => bytes.includes(`In-Reply-To: <${to}>`));
      if (name === null) return;
      if (mail === undefined) throw new Error(`undisturbed, no reply to ${to}:\n${scene.log()}`);
      found.set(name, bodyOf(mail, unit.token));
    });
  };
  try {
    scene.start();
    const [one, two, three] = [plain(tokenOf(1)), plain(tokenOf(2), [0, 1, 2], 2), chain(tokenOf(3))];
    await say(one, one.mails, ["first"]);
    await say(two, two.mails, ["second"]);
    const four = wide(tokenOf(4));
    await say(four, four.mails, ["wide"]);
    await sayChain(scene, three);
    const mail = world.smtp.taken.at(-1);
    if (mail === undefined) throw new Error("undisturbed, and no mail");
    found.set("second after first", bodyOf(mail, three.token));
    return found;
  } finally {
    await scene.end();
    scene.clear();
  }
}

/** The second version comes when the first was answered. */
async function sayChain(scene: Scene, unit: Unit): Promise<void> {
  const half = unit.mails.length / 2;
  const [first, second] = unit.answers;
  const [old, fresh] = unit.series;
  if (first === undefined || second === undefined || old === undefined || fresh === undefined) return;
  const alone: Unit = {
    ...unit,
    mails: unit.mails.slice(0, half),
    answers: [{ ...first, must: true }],
    series: [{ ...old, states: ["replied", "superseded"] }],
  };
  scene.post([alone]);
  await scene.untilRight();
  scene.post([{ ...unit, mails: unit.mails.slice(half), answers: [second], series: [old, fresh] }]);
  await scene.untilRight();
}
