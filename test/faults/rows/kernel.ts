/** The kernel repository: away for a while, packed anew, cut, empty, slow. */
import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runGit } from "../../kernel/repository.ts";
import type { FaultRow } from "../row.ts";
import type { Scene } from "../scene.ts";
import { plain, tokenOf, type Unit } from "../traffic.ts";

/** Until a review has failed for it. */
async function away(scene: Scene): Promise<void> {
  const { git } = scene.world;
  renameSync(git, `${git}.away`);
  try {
    scene.post([plain(tokenOf(1))]);
    const bot = scene.start();
    await bot.until(({ msg }) => msg === "job failed");
  } finally {
    renameSync(`${git}.away`, git);
  }
  scene.fault();
}

async function repacked(scene: Scene): Promise<void> {
  const { git } = scene.world;
  scene.post([plain(tokenOf(1)), plain(tokenOf(2), [2, 1, 0])]);
  const bot = scene.start();
  await bot.until(({ msg }) => msg === "working");
  for (let times = 0; times < 5; times += 1) runGit(git, "repack", "-adfq");
  scene.fault();
}

/** Nothing is guessed: whoever looks sees that it could not be told. */
function untold(unit: Unit): Unit {
  const answers = unit.answers.map((one) => ({ ...one, must: false }));
  return {
    ...unit,
    answers,
    series: unit.series.map(({ id }) => ({ id, states: ["undetermined", "failed"] })),
  };
}

async function without(scene: Scene, spoil: (git: string) => void): Promise<void> {
  const git = join(scene.dir, "linux");
  cpSync(scene.world.git, git, { recursive: true });
  spoil(git);
  scene.configure({ kernel: { git, branches: ["main"] }, queue: { attempts: 2, backoffSeconds: 0.1 } });
  scene.post([untold(plain(tokenOf(1)))]);
  scene.start();
  scene.fault();
  await scene.untilRight();
}

function cutPack(git: string): void {
  runGit(git, "repack", "-adfq");
  const dir = join(git, ".git", "objects", "pack");
  const pack = readdirSync(dir).find((name) => name.endsWith(".pack")) ?? "";
  chmodSync(join(dir, pack), 0o644);
  truncateSync(join(dir, pack), 2000);
}

function empty(git: string): void {
  renameSync(join(git, ".git"), join(git, "former"));
  runGit(git, "init", "-q", "-b", "main");
}

async function nothingSent(scene: Scene): Promise<string[]> {
  return Promise.resolve(scene.world.smtp.taken.map(() => "a mail went out that nothing backs"));
}

/** Each call of git takes a second longer. */
function slow(scene: Scene): Promise<void> {
  const dir = join(scene.dir, "bin");
  mkdirSync(dir);
  const path = process.env["PATH"] ?? "";
  writeFileSync(join(dir, "git"), `#!/bin/sh\nsleep 1\nPATH="${path}" exec git "$@"\n`, { mode: 0o755 });
  scene.post([plain(tokenOf(1))]);
  scene.start({ PATH: `${dir}:${path}` });
  scene.fault();
  return Promise.resolve();
}

export const KERNEL_ROWS: readonly FaultRow[] = [
  { id: "F41", what: "the kernel repository is away for a while", variants: ["renamed"], run: away },
  { id: "F41", what: "the kernel repository is packed anew", variants: ["five times"], run: repacked },
  { id: "F41", what: "git is slow", variants: ["a second"], run: slow },
  {
    id: "F41",
    what: "the kernel repository cannot tell: nothing is mailed",
    variants: ["pack cut", "empty"],
    run: (scene, variant) => without(scene, variant === "empty" ? empty : cutPack),
    check: nothingSent,
  },
];
