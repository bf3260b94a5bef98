/** Redis: started again, killed, robbed of what it wrote last, damaged, emptied, paused, and set up wrongly. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { hashOf, key } from "../../../src/store/keys.ts";
import type { Bot } from "../../service/bot.ts";
import type { FaultRow } from "../row.ts";
import type { Scene } from "../scene.ts";
import { noise, plain, tokenOf } from "../traffic.ts";
import type { World } from "../world.ts";

/** When it comes: while mails are read, when a review is stored, with a mail half sent, with a mail taken. */
const MOMENTS = ["reading", "reviewed", "in DATA", "taken"] as const;
/** Three times a lock. */
const LONG_MS = 3000;

/** Posts, starts, and strikes at the moment; then more mails come. */
async function strikeAt(scene: Scene, moment: string, strike: (bot: Bot) => Promise<void>): Promise<void> {
  let struck: Promise<void> | null = null;
  let bot: Bot | null = null;
  const now = () => {
    if (bot !== null) struck = strike(bot);
  };
  if (moment === "in DATA") scene.world.smtp.faults.push({ onData: now });
  if (moment === "taken") scene.world.smtp.faults.push({ onTaken: now });
  scene.post([plain(tokenOf(1), [2, 0, 1]), plain(tokenOf(2))]);
  bot = scene.start();
  if (moment === "reading") await bot.until(({ msg }) => msg === "reading").then(now);
  if (moment === "reviewed") await bot.until(({ msg }) => msg?.startsWith("stored") === true).then(now);
  await scene.until(`the moment: ${moment}`, () => struck !== null);
  scene.fault();
  await struck;
  scene.lifted();
  scene.post([plain(tokenOf(3), [1, 2, 0])]);
}

export function restart({ redis }: World, signal: NodeJS.Signals): () => Promise<void> {
  return async () => {
    await redis.end(signal);
    await redis.start();
  };
}

/** From here on its file of appended writes holds this case alone. */
export async function beginFile({ client }: World): Promise<void> {
  await client.call("BGREWRITEAOF");
  for (;;) {
    const info = await client.info("persistence");
    if (/aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info)) return;
    await pause(10);
  }
}

function appended({ redis }: World): string {
  const dir = join(redis.dir, "appendonlydir");
  const files = readdirSync(dir).filter((name) => name.endsWith(".incr.aof"));
  const number = (name: string) => Number(/\.(\d+)\.incr/.exec(name)?.[1]);
  return join(dir, files.sort((a, b) => number(b) - number(a))[0] ?? "");
}

/** What an operator does with a file that Redis refuses: everything from the first bad byte on goes. */
function repair({ redis }: World): void {
  const manifest = join(redis.dir, "appendonlydir", "appendonly.aof.manifest");
  execFileSync("redis-check-aof", ["--fix", manifest], { input: "y\n", stdio: ["pipe", "ignore", "ignore"] });
}

async function startRepaired(world: World): Promise<void> {
  await world.redis.start().catch(async () => {
    repair(world);
    await world.redis.start();
  });
}

/** The last bytes that it wrote are gone, as by a loss of power; the service lives on. */
async function loseTail(scene: Scene, variant: string): Promise<void> {
  const { world } = scene;
  const [bytes = 0, moment = ""] = [Number(variant.split(" ")[0]), variant.split(", ")[1]];
  await beginFile(world);
  await strikeAt(scene, moment, () => cutTail(world, bytes));
}

/** Kills Redis, cuts so many bytes off its file and starts it again. */
export async function cutTail(world: World, bytes: number): Promise<void> {
  await world.redis.end("SIGKILL");
  const file = appended(world);
  truncateSync(file, Math.max(0, readFileSync(file).length - bytes));
  await startRepaired(world);
}

/** The bytes of its file are other ones: inside a value, or across commands. */
async function damage(scene: Scene): Promise<void> {
  const { world } = scene;
  await beginFile(world);
  await strikeAt(scene, "reviewed", async () => {
    await world.redis.end("SIGKILL");
    const file = appended(world);
    const bytes = readFileSync(file);
    bytes.fill(0x58, bytes.length >> 1, (bytes.length >> 1) + 400);
    writeFileSync(file, bytes);
    await startRepaired(world);
  });
}

/** Everything was answered; then there is no record left. */
async function loseAll(scene: Scene, variant: string): Promise<void> {
  scene.post([plain(tokenOf(1)), noise(tokenOf(2)), plain(tokenOf(3), [2, 1, 0])]);
  const bot = scene.start();
  await scene.untilRight();
  if (variant === "stopped") await bot.stop();
  await scene.world.client.flushall();
  scene.fault();
  if (variant === "stopped") scene.start();
  else await restart(scene.world, "SIGKILL")();
}

/** A paused process believes that it still holds its locks. */
export async function pauseFor(pid: number, milliseconds = LONG_MS): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await pause(milliseconds);
  process.kill(pid, "SIGCONT");
}

/** While one service is paused another one takes over; then both are there. */
async function pauseService(scene: Scene, moment: string): Promise<void> {
  await strikeAt(scene, moment, async (bot) => {
    const other = scene.start();
    await other.until(({ msg }) => msg === "working");
    await pauseFor(bot.pid);
  });
}

/** One byte of a record: whoever reads it notices, and the mail it was about is a dead letter. */
async function damageRecord(scene: Scene): Promise<void> {
  const [words = ""] = noise(tokenOf(2)).mails;
  scene.post([plain(tokenOf(1))]);
  scene.deliver([words]);
  const bot = scene.start();
  const id = /^Message-ID: <(.*)>$/m.exec(words)?.[1] ?? "";
  const where = key("decision", hashOf(id));
  await scene.until("the mail is taken in", async () => (await scene.db.redis.exists(where)) === 1);
  await scene.untilRight();
  const record = (await scene.db.redis.get(where)) ?? "";
  await scene.db.redis.set(where, record.replace("arrived", "arrivee"));
  scene.deadLetters.push("is damaged: its checksum does not fit");
  scene.deliver([words]);
  scene.fault();
  await bot.until(({ msg }) => msg === "not handled, kept as a dead letter");
}

async function evicting(scene: Scene): Promise<void> {
  const { client } = scene.world;
  await client.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
  scene.post([plain(tokenOf(1))]);
  const bot = scene.start();
  await bot.until((line) => /maxmemory-policy noeviction/.test(String(line["advice"])));
  scene.fault();
  await client.call("CONFIG", "SET", "maxmemory-policy", "noeviction");
}

const TAILS = [1, 64, 1024, 4096, 16_384, 65_536];

export const REDIS_ROWS: readonly FaultRow[] = [
  {
    id: "F17",
    what: "Redis is started again",
    variants: MOMENTS,
    run: (scene, moment) => strikeAt(scene, moment, restart(scene.world, "SIGTERM")),
  },
  {
    id: "F18",
    what: "Redis is killed, its file whole",
    variants: MOMENTS,
    short: ["in DATA"],
    run: (scene, moment) => strikeAt(scene, moment, restart(scene.world, "SIGKILL")),
  },
  {
    id: "F18",
    what: "the connection to Redis is cut",
    variants: MOMENTS,
    short: ["taken"],
    run: (scene, moment) => strikeAt(scene, moment, () => Promise.resolve(scene.world.proxies.redis.cut())),
  },
  {
    id: "F19",
    what: "Redis loses the last bytes it wrote",
    variants: TAILS.flatMap((bytes) => MOMENTS.map((moment) => `${bytes} bytes, ${moment}`)),
    short: ["65536 bytes, taken", "4096 bytes, reviewed"],
    run: loseTail,
  },
  {
    id: "F20",
    what: "a byte of a record is another: it is noticed and told",
    variants: ["one byte"],
    run: damageRecord,
  },
  { id: "F20", what: "400 bytes in Redis' file are others", variants: ["in the middle"], run: damage },
  {
    id: "F21",
    what: "Redis has lost everything: not a mail goes out again",
    variants: ["stopped", "running"],
    run: loseAll,
  },
  {
    id: "F22",
    what: "Redis stands still for three locks",
    variants: MOMENTS,
    short: ["taken"],
    run: (scene, moment) => strikeAt(scene, moment, () => pauseFor(scene.world.redis.pid())),
  },
  {
    id: "F23",
    what: "the service stands still for three locks, and another takes over",
    variants: MOMENTS,
    short: ["in DATA"],
    run: pauseService,
  },
  { id: "F24", what: "Redis may evict: the service warns", variants: ["allkeys-lru"], run: evicting },
];
