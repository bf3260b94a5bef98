/** Faults at random: a seed tells which, when and over which traffic. */
import { renameSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { KillPoint } from "../../src/killpoint.ts";
import { seededRandom, shuffled, type Random } from "../patch/random.ts";
import { runGit } from "../kernel/repository.ts";
import { listReplies } from "../../src/store/replies.ts";
import { runVerb, type Bot } from "../service/bot.ts";
import type { Fault } from "../support/smtp.ts";
import { beginFile, cutTail, pauseFor, restart } from "./rows/redis.ts";
import type { FaultRow } from "./row.ts";
import type { Scene } from "./scene.ts";
import { chain, lacking, mixed, noise, plain, repeated, tokenOf, type Unit } from "./traffic.ts";

const POINTS: readonly KillPoint[] = [
  "fetched",
  "seen",
  "enqueued",
  "positioned",
  "evaluating",
  "analysed",
  "reviewed",
  "composed",
  "intent",
  "sending",
  "accepted",
  "acked",
  "echoed",
];
const SMTP_FAULTS: readonly Fault[] = [
  { banner: [421, "4.3.2 Later"] },
  { banner: "silence" },
  { mail: [451, "4.3.0 Later"] },
  { rcpt: [451, "4.3.0 Later"] },
  { rcpt: "close" },
  { inData: "close" },
  { final: [451, "4.3.0 Later"] },
  { final: "close" },
  { final: "silence" },
  { final: "answer-and-close" },
  { finalDelay: 1500 },
  { data: [451, "4.3.0 Later"] },
];
const UNITS: readonly ((token: string, random: Random) => Unit)[] = [
  (token) => plain(token, [0, 1, 2]),
  (token, random) => plain(token, shuffled([0, 1, 2], random)),
  (token, random) => repeated(plain(token, shuffled([0, 1, 2], random)), 1 + random(3)),
  (token) => chain(token),
  (token) => lacking(token),
  (token) => noise(token),
];

/** The service under a supervisor: whatever ends is started again, now and then with a point where it dies. */
class Keeper {
  private over = false;
  private bots: Bot[] = [];
  private readonly scene: Scene;
  private readonly random: Random;

  constructor(scene: Scene, random: Random) {
    this.scene = scene;
    this.random = random;
    this.startOne();
  }

  private startOne(): void {
    const { random } = this;
    const point = POINTS[random(POINTS.length * 2)];
    const bot = this.scene.start(point === undefined ? {} : { AVIC_KILL_AT: `${point}:${1 + random(4)}` });
    this.bots.push(bot);
    void bot.ended.then(() => {
      this.bots = this.bots.filter((one) => one !== bot);
      if (this.over) return;
      this.scene.fault();
      this.startOne();
    });
  }

  one(): Bot | undefined {
    return this.bots[this.random(this.bots.length)];
  }

  /** Two watchers and two workers from now on. */
  addOne(): void {
    if (this.bots.length < 2) this.startOne();
  }

  /** From now on nothing dies: those with a point are ended, one without is there. */
  async settle(): Promise<void> {
    this.over = true;
    const former = [...this.bots];
    await Promise.all(former.map((bot) => bot.kill()));
    this.scene.fault(former.length);
    this.scene.start();
  }
}

interface Moment {
  readonly scene: Scene;
  readonly keeper: Keeper;
  readonly random: Random;
}

/** Why a reply is held where nobody can tell what is new. */
const ARCHIVES_PAST = /came from an archive's past/;

/** Each injects one fault and ends when it is lifted. */
const STRIKES: readonly ((moment: Moment) => Promise<void> | void)[] = [
  async ({ keeper, random }) => {
    await pause(random(500));
    void keeper.one()?.kill();
  },
  ({ scene, random }) => void scene.world.smtp.faults.push(SMTP_FAULTS[random(SMTP_FAULTS.length)] ?? {}),
  ({ scene, random }) => void scene.world.smtp.faults.push(SMTP_FAULTS[random(SMTP_FAULTS.length)] ?? {}),
  ({ scene: { world } }) => world.proxies.redis.cut(),
  ({ scene: { world } }) => world.proxies.imap.cut(),
  ({ scene: { world } }) => world.proxies.smtp.cut(),
  ({ scene: { world }, random }) => world.proxies.imap.cutAfter(random(12_000), "to the client"),
  ({ scene: { world }, random }) => world.proxies.smtp.cutAfter(random(3500), "to the server"),
  ({ scene: { world }, random }) => restart(world, random(2) === 0 ? "SIGKILL" : "SIGTERM")(),
  ({ scene: { world, approved }, random }) => {
    // With the first position lost, what is in the folder is its past.
    approved.push(ARCHIVES_PAST);
    return cutTail(world, random(8192));
  },
  ({ scene: { world }, random }) => pauseFor(world.redis.pid(), 200 + random(2500)),
  async ({ scene: { world } }) => {
    await world.dovecot.kill();
    await world.dovecot.start();
  },
  async ({ keeper, random }) => {
    const bot = keeper.one();
    if (bot?.isRunning() === true) await pauseFor(bot.pid, 200 + random(2500)).catch(() => undefined);
  },
  ({ keeper }) => keeper.addOne(),
  async ({ scene: { world }, random }) => {
    renameSync(world.git, `${world.git}.away`);
    await pause(random(800));
    renameSync(`${world.git}.away`, world.git);
  },
  ({ scene: { world } }) => void runGit(world.git, "repack", "-adfq"),
  async ({ scene: { world, approved } }) => {
    // Nobody can tell whether what was not read by then is new.
    approved.push(ARCHIVES_PAST);
    await world.dovecot.kill();
    world.dovecot.forgetUids(world.folder());
    await world.dovecot.start();
  },
];

/** One case: some traffic, some faults, the end, and what must be true then. */
async function runEpisode(scene: Scene, random: Random): Promise<void> {
  const units = Array.from({ length: 4 + random(4) }, (_, at) => {
    const make = UNITS[random(UNITS.length)];
    return make === undefined ? noise(tokenOf(at)) : make(tokenOf(at), random);
  });
  const script = mixed(units, random);
  await beginFile(scene.world);
  const keeper = new Keeper(scene, random);
  const strikes = 8 + random(8);
  for (let at = 0; at < strikes; at += 1) {
    scene.deliver(script.splice(0, Math.ceil(script.length / (strikes - at))));
    await pause(random(600));
    await STRIKES[random(STRIKES.length)]?.({ scene, keeper, random });
    scene.fault();
  }
  scene.post(units, script);
  const unmet = scene.world.smtp.faults.splice(0).length;
  for (const proxy of Object.values(scene.world.proxies)) proxy.reset();
  await keeper.settle();
  scene.fault(-unmet);
  await decide(scene);
}

const PATIENCE_MS = 30_000;

/**
 * A person looks at what is held: what came twice to an unknown outcome and is not on the list, and what was not read
 * before the folder's UIDs were others. Here one who lets it go out. Ends when all is done.
 */
async function decide(scene: Scene): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await pause(300)) {
    if (await scene.isRight()) return;
    for (const { messageId, state, reason } of await listReplies(scene.db)) {
      if (state !== "held" || !scene.approved.some((one) => one.test(reason ?? ""))) continue;
      await runVerb(["approve", messageId, "--config", scene.settings]);
    }
  }
}

/** Each case of it is a seed. */
export const RANDOM_ROW: FaultRow = {
  id: "F42",
  what: "faults at random",
  variants: [],
  run: (scene, seed) => runEpisode(scene, seededRandom(Number(seed))),
};
