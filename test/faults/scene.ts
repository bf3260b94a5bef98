/** One case: a service on cleared neighbours, the traffic it was given, and the faults it had to bear. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { OutboxState } from "../../src/reply/outbox/record.ts";
import { startPrivateRedis } from "../../src/store/private-redis.ts";
import type { Db } from "../../src/store/record.ts";
import { connectRedis, type RedisClient } from "../../src/store/redis.ts";
import { startBot, startProgram, writeSettings, type Bot, type LogLine } from "../service/bot.ts";
import { judge, judgeFolder, type Judgement, type Reference } from "./oracle.ts";
import { BOT, type Unit } from "./traffic.ts";
import { markRead, sourceOf, type World } from "./world.ts";

/** What is put on trial: the service, or a bundle of the loop that is known to be wrong. */
export type Program = "avicbot" | { readonly naive: string };

export interface SceneOptions {
  readonly program: Program;
  readonly reference: Reference;
  /** Replace settings of the service. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** After its last fault a case has so long to come to its end; a loop that is known to be wrong gets less. */
const LIMIT_MS = 60_000;
const NAIVE_LIMIT_MS = 6000;
const LOOK_MS = 100;
/** A service that is asked to end has so long. */
const GRACE_MS = 10_000;
const SETTLED_MS = 1500;

export class Scene {
  readonly world: World;
  readonly dir: string;
  readonly options: SceneOptions;
  readonly units: Unit[] = [];
  /** Faults so far. */
  faults = 0;
  /** Dead letters that a fault made, by what their reason holds. */
  readonly deadLetters: string[] = [];
  /** States in which a mail of the outbox is at its end. */
  readonly settled = new Set<OutboxState>(["echoed", "dropped"]);
  /** Why a mail may be held for a person, who lets it go out. */
  readonly approved = [/^unknown outcome, and not on the list/];
  /** Recipients that the server refused. */
  readonly refused = new Set<string>();
  /** Services that ended by `kill -9` before the case was over. */
  private died = 0;
  private readonly diedBefore: number;
  private config = "";
  private redis: RedisClient;
  private bots: Bot[] = [];
  /** Those with a point at which they die. */
  private readonly mortal = new Set<Bot>();
  private ended: ReturnType<Scene["endOnce"]> | null = null;
  private since = performance.now();

  constructor(world: World, options: SceneOptions) {
    this.world = world;
    this.options = options;
    this.redis = world.client;
    this.diedBefore = world.kills();
    this.dir = join(world.dir, world.folder());
    mkdirSync(this.dir);
    this.configure({});
  }

  /** Processes that ended by `kill -9` so far. */
  get kills(): number {
    return this.died + this.world.kills() - this.diedBefore;
  }

  /** Path of the settings. */
  get settings(): string {
    return this.config;
  }

  get db(): Db {
    return { redis: this.redis, now: () => Date.now() };
  }

  /** Settings for the services that are started from now on, over those of the row. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    this.config = writeSettings(this.dir, { ...this.defaults(), ...this.options.settings, ...settings });
  }

  /** The service's store is there from now on, with a folder whose past was read. */
  async useRedis(url: string): Promise<void> {
    const { dovecot, proxies, folder } = this.world;
    this.redis = connectRedis(url, "wait", () => undefined);
    await markRead(this.redis, dovecot.url, sourceOf(proxies.imap.port, folder()));
    if (url.startsWith("redis:")) this.configure({ redisUrl: url });
  }

  /** The Redis that the service starts by itself. */
  async usePrivateRedis(): Promise<void> {
    const server = await startPrivateRedis(join(this.dir, "data"));
    await this.useRedis(server.url);
    await server.stop();
  }

  /** Waits, locks and retries so short that a case ends within seconds. */
  private defaults(): Record<string, unknown> {
    const { world } = this;
    return {
      redisUrl: `redis://127.0.0.1:${world.proxies.redis.port}/0`,
      dataDir: join(this.dir, "data"),
      mode: "auto",
      sources: [sourceOf(world.proxies.imap.port, world.folder())],
      kernel: { git: world.git, branches: ["main"] },
      smtp: { url: `smtp://127.0.0.1:${world.proxies.smtp.port}`, timeoutSeconds: 0.5 },
      mail: { from: BOT },
      outbox: { echoWaitMinutes: 0.01, unknown: "resend", backoffSeconds: 0.2 },
      queue: { lockSeconds: 1, leaseSeconds: 1, backoffSeconds: 0.2, attempts: 10, crashes: 50 },
      limits: {
        // Whatever the clock is set to.
        partWaitMinutes: 100_000,
        replyWithinDays: 100_000,
        repliesPerDay: 100_000,
        repliesPerListAndDay: 100_000,
        repliesPerThread: 100,
      },
      web: { port: 0 },
    };
  }

  /** Puts the mails into the list's folder; `script` is another order of them. */
  post(units: readonly Unit[], script: readonly string[] = units.flatMap(({ mails }) => mails)): void {
    this.units.push(...units);
    this.deliver(script);
  }

  deliver(mails: readonly string[]): void {
    for (const mail of mails) this.world.dovecot.deliver(mail, this.world.folder());
  }

  start(env: Record<string, string> = {}, through: readonly string[] = []): Bot {
    const { program } = this.options;
    const bot =
      program === "avicbot"
        ? startBot("serve", this.config, env, through)
        : startProgram([process.execPath, program.naive, this.config], env);
    this.bots.push(bot);
    if (env["AVIC_KILL_AT"] !== undefined) this.mortal.add(bot);
    void bot.ended.then((how) => (this.died += how === "SIGKILL" ? 1 : 0));
    return bot;
  }

  /** A fault was injected; from the last one on the time to the end is taken. */
  fault(count = 1): void {
    this.faults += count;
    this.since = performance.now();
  }

  /** What held the service up is over. */
  lifted(): void {
    this.since = performance.now();
  }

  /** Resolves when the bot ended by `kill -9`, or as it should; with false when it works on and its work is done. */
  async killed(bot: Bot, wanted: "SIGKILL" | 0 = "SIGKILL"): Promise<boolean> {
    const right = new AbortController();
    const done = this.untilRight(right.signal).then(() => false);
    const now = () => performance.now();
    const asked = bot.until(({ msg }) => msg === "stopping").then(now, now);
    const ended = bot.ended.then(async (how) => {
      if (how !== wanted) throw new Error(`ended with ${how}:\n${lastLines(bot.lines)}`);
      const tookMs = now() - (await asked);
      if (tookMs > GRACE_MS) throw new Error(`took ${tookMs} ms to end:\n${lastLines(bot.lines)}`);
      return true;
    });
    const killed = await Promise.race([ended, done]);
    right.abort();
    if (killed) this.fault();
    return killed;
  }

  /** Resolves when it is so; rejects when it is not within the limit. */
  async until(what: string, fits: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + LIMIT_MS;
    while (!(await fits())) {
      if (performance.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`);
      await pause(10);
    }
  }

  /** A record that cannot be read is not the right end. */
  private judge(): Promise<Judgement> {
    return judge(this);
  }

  private async judgeAll(): Promise<Judgement> {
    const judgement = await this.judge();
    const folder = this.options.program === "avicbot" ? await judgeFolder(this) : [];
    return { ...judgement, unfinished: [...judgement.unfinished, ...folder] };
  }

  async isRight(): Promise<boolean> {
    return (await this.judge()).unfinished.length === 0;
  }

  /** Waits for the right end; gives up after the limit. The milliseconds since the last fault. */
  async untilRight(signal?: AbortSignal): Promise<number> {
    const limit = this.options.program === "avicbot" ? LIMIT_MS : NAIVE_LIMIT_MS;
    const end = performance.now() + limit;
    while (signal?.aborted !== true && performance.now() < end) {
      if (await this.isRight()) break;
      await pause(LOOK_MS);
    }
    return performance.now() - this.since;
  }

  /** Ends what runs and judges what is there, once. A loop that keeps no books gets a moment to do more. */
  end(): Promise<{ judgement: Judgement; recoveredMs: number }> {
    this.ended ??= this.endOnce();
    return this.ended;
  }

  private async endOnce(): Promise<{ judgement: Judgement; recoveredMs: number }> {
    const recoveredMs = await this.untilRight();
    if (this.options.program !== "avicbot") await pause(SETTLED_MS);
    // A Redis that the service started ends with it.
    const before = this.redis === this.world.client ? null : await this.judgeAll();
    const living = await this.stop();
    const judgement = before ?? (await this.judgeAll());
    return { judgement: { ...judgement, unfinished: [...judgement.unfinished, ...living] }, recoveredMs };
  }

  /** SIGTERM to those that run; what is said of those that did not end well. One may not have begun yet. */
  private async stop(): Promise<string[]> {
    const running = this.bots.filter((bot) => bot.isRunning());
    const ends = await Promise.all(
      running.map(async (bot) => ({ bot, how: await (isEnding(bot) ? bot.ended : bot.stop()) })),
    );
    const bad = ends.filter(
      ({ bot, how }) =>
        how !== 0 &&
        !(how === "SIGTERM" && bot.lines.length === 0) &&
        // its point came as it ended: the list's copy of a reply is a mail, too
        !(how === "SIGKILL" && this.mortal.has(bot)),
    );
    return bad.map(({ how }) => `at SIGTERM the service ended with ${how}`);
  }

  clear(): void {
    for (const bot of this.bots) void bot.kill();
    if (this.redis !== this.world.client) this.redis.disconnect();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The last lines of the log, for a report. */
  log(): string {
    return this.bots.map(({ lines }) => lastLines(lines)).join("\n---\n");
  }
}

/** A second signal would end it at once. */
function isEnding({ lines }: Bot): boolean {
  return lines.some(({ msg }) => msg === "stopping");
}

function lastLines(lines: readonly LogLine[]): string {
  return lines
    .slice(-40)
    .map((line) => JSON.stringify(line))
    .join("\n");
}
