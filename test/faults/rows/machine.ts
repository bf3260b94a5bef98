/** The machine: a full disk, a disk that fails, a clock that jumps, too few file descriptors. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bot } from "../../service/bot.ts";
import { startRedisProcess } from "../../store/redis-process.ts";
import type { FaultRow } from "../row.ts";
import type { Scene } from "../scene.ts";
import { plain, tokenOf } from "../traffic.ts";
import { REDIS_SETTINGS } from "../world.ts";

const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;

function mountSmall(path: string): boolean {
  mkdirSync(path, { recursive: true });
  return run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", path);
}

function findMounts(): string | false {
  const path = mkdtempSync(join(tmpdir(), "avt-"));
  const can = mountSmall(path) && run("umount", path);
  rmSync(path, { recursive: true, force: true });
  return can ? false : "a small tmpfs is mounted by root only";
}

/** Until not a byte fits. */
function fill(path: string): () => void {
  const file = join(path, "filler");
  const block = Buffer.alloc(4096);
  try {
    for (;;) writeFileSync(file, block, { flag: "a" });
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOSPC") throw error;
  }
  return () => rmSync(file);
}

const ends = (bot: Bot) =>
  bot.lines.filter(({ msg }) => msg?.startsWith("private Redis ended") === true).length;

/** `appendfsync always`: the server ends, and is started again until there is room. */
async function fullWithPrivate(scene: Scene, data: string): Promise<void> {
  await scene.usePrivateRedis();
  const bot = scene.start();
  await bot.until(({ msg }) => msg === "working");
  const makeRoom = fill(data);
  scene.post([plain(tokenOf(1)), plain(tokenOf(2), [2, 1, 0])]);
  await scene.until("Redis ends", () => ends(bot) > 0);
  scene.fault();
  makeRoom();
  scene.lifted();
}

/** `appendfsync everysec`: the server lives and refuses writes until there is room. */
async function fullWithOwn(scene: Scene, data: string): Promise<void> {
  const redis = await startRedisProcess("redis-server", [...REDIS_SETTINGS, `dir ${data}`]);
  try {
    await scene.useRedis(`redis://127.0.0.1:${redis.port}/0`);
    const bot = scene.start();
    await bot.until(({ msg }) => msg === "working");
    const makeRoom = fill(data);
    scene.post([plain(tokenOf(1)), plain(tokenOf(2), [2, 1, 0])]);
    await bot.until((line) => /MISCONF/.test(JSON.stringify(line)));
    scene.fault();
    makeRoom();
    scene.lifted();
    await scene.end();
  } finally {
    await redis.kill();
  }
}

async function fullDisk(scene: Scene, variant: string): Promise<void> {
  const data = join(scene.dir, "data");
  mountSmall(data);
  try {
    await (variant === "private Redis" ? fullWithPrivate : fullWithOwn)(scene, data);
    await scene.end();
  } finally {
    run("umount", "-l", data);
  }
}

/** Not a line of its log can be written. */
function withoutLog(scene: Scene): Promise<void> {
  scene.post([plain(tokenOf(1)), plain(tokenOf(2), [2, 1, 0])]);
  scene.start({}, ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"]);
  scene.fault();
  return Promise.resolve();
}

/** A server that cannot make its writes last ends, and what it had not said yes to is done again. */
async function failingSync(scene: Scene): Promise<void> {
  await scene.usePrivateRedis();
  const faults = ["fsync", "fdatasync"].flatMap((name) => [
    "-c",
    `enable_random name=posix/io/sync/${name},probability=0.03`,
  ]);
  scene.post([plain(tokenOf(1))]);
  const bot = scene.start({}, ["fiu-run", "-x", ...faults]);
  // At the start it is the service that ends and says why.
  await scene.until("Redis ends twice", () => ends(bot) > 1 || !bot.isRunning());
  scene.fault(Math.max(1, ends(bot)));
  await bot.kill();
  scene.start();
  scene.post([plain(tokenOf(2), [2, 1, 0])]);
  await scene.end();
}

function findFaketime(): string | null {
  for (const name of readdirSync("/usr/lib"))
    if (run("test", "-e", `/usr/lib/${name}/faketime/libfaketimeMT.so.1`))
      return `/usr/lib/${name}/faketime/libfaketimeMT.so.1`;
  return null;
}
const FAKETIME = findFaketime();

/** Timers go on as they do, the time of day is what the file says. */
function clockIn(file: string): Record<string, string> {
  if (FAKETIME === null) return {};
  return {
    LD_PRELOAD: FAKETIME,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_NO_CACHE: "1",
  };
}

/** What was put off until a later that lay an hour ahead is not put off for an hour. */
async function setBack(scene: Scene): Promise<void> {
  const file = join(scene.dir, "clock");
  writeFileSync(file, "+1h");
  scene.world.smtp.faults.push({ rcpt: [451, "4.3.0 Later"] });
  scene.post([plain(tokenOf(1))]);
  const bot = scene.start(clockIn(file));
  await bot.until(({ msg, state, reason }) => msg === "outbox" && state === "intent" && reason !== null);
  writeFileSync(file, "+0");
  scene.fault();
}

/** Mails before, between and after two jumps. */
async function jump(scene: Scene, variant: string): Promise<void> {
  const [there = "+0", back = "+0"] = variant.split(", ");
  const file = join(scene.dir, "clock");
  writeFileSync(file, "+0");
  scene.post([plain(tokenOf(1))]);
  const bot = scene.start(clockIn(file));
  await bot.until(({ msg }) => msg?.startsWith("stored") === true);
  for (const [at, offset] of [there, back].entries()) {
    writeFileSync(file, offset);
    scene.fault();
    scene.post([plain(tokenOf(2 + at), [2, 1, 0])]);
    await bot.until(({ msg, job }) => msg?.startsWith("stored") === true && job !== undefined);
    await scene.untilRight();
  }
}

function says(bot: Bot): boolean {
  return /EMFILE|too many open files/i.test(bot.lines.map((line) => JSON.stringify(line)).join());
}

/** It says what it lacks, and goes on by itself when it has it. */
async function fewerDescriptors(scene: Scene): Promise<void> {
  const bot = scene.start();
  await bot.until(({ msg }) => msg === "working");
  await bot.until(({ msg }) => msg === "reading");
  const limit = (count: number) => run("prlimit", `--pid=${bot.pid}`, `--nofile=${count}:`);
  limit(readdirSync(`/proc/${bot.pid}/fd`).length);
  scene.post([plain(tokenOf(1))]);
  await scene.until("it says what it lacks", () => says(bot));
  scene.fault();
  limit(1024);
}

/** It says what it lacks; a later start has it. */
async function fewDescriptors(scene: Scene): Promise<void> {
  scene.post([plain(tokenOf(1))]);
  const bot = scene.start({}, ["prlimit", "--nofile=36"]);
  await scene.until("it says what it lacks", () => says(bot) || !bot.isRunning());
  if (!says(bot)) throw new Error("it ended and did not say that it had too few file descriptors");
  scene.fault();
  await bot.kill();
  scene.start();
}

export const MACHINE_ROWS: readonly FaultRow[] = [
  {
    id: "F36",
    what: "the disk of Redis is full for a while",
    skip: findMounts(),
    variants: ["private Redis", "Redis of the operator's"],
    settings: (variant) => (variant === "private Redis" ? { redisUrl: undefined } : {}),
    run: fullDisk,
  },
  { id: "F36", what: "no line of the log can be written (ENOSPC)", variants: ["/dev/full"], run: withoutLog },
  {
    id: "F37",
    what: "writes of Redis do not reach the disk (EIO)",
    skip: run("fiu-run", "-x", "true") ? false : "no fiu-run on this machine (fiu-utils)",
    variants: ["3 % of fsync and fdatasync"],
    settings: () => ({ redisUrl: undefined }),
    run: failingSync,
  },
  {
    id: "F38",
    what: "the clock jumps",
    skip: FAKETIME === null ? "no libfaketime on this machine (faketime)" : false,
    variants: ["+1h, +0", "-1h, +0", "+3d, -2d"],
    short: ["+1h, +0"],
    run: jump,
  },
  {
    id: "F38",
    what: "the clock is set back while a mail waits for its next try",
    skip: FAKETIME === null ? "no libfaketime on this machine (faketime)" : false,
    variants: ["by an hour"],
    run: setBack,
  },
  {
    id: "F40",
    what: "too few file descriptors",
    variants: ["36", "from now on"],
    run: (scene, variant) => (variant === "36" ? fewDescriptors : fewerDescriptors)(scene),
  },
];
