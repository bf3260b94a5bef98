/**
 * The first look at every mail of a plain mbox in memory, splitting it included, in MB a second of processor
 * time; beside it what `wc -c` takes for the same bytes from a pipe, and ripgrep to count one word in the file.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { mayConcern } from "../src/sources/first-look.ts";
import { splitMessages } from "../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../test/mails.ts";
import { median } from "./lib.ts";

const ROUNDS = 5;
const BOUND_MB = 500;

export async function run(): Promise<void> {
  if (withoutMails) return console.log(`first-look: ${withoutMails}`);
  const dir = mkdtempSync(join(tmpdir(), "avicbot-bench-"));
  const path = join(dir, "kvm-cc.mboxrd");
  try {
    await unpack(mailsPath("kvm-cc.mboxrd.gz"), path);
    const peers = [
      shell("wc -c", `cat ${path} | wc -c`),
      shell("ripgrep for a word", `rg -c x2avic ${path}`),
    ];
    const bytes = readFileSync(path);
    const own: number[] = [];
    const times = peers.map((): number[] => []);
    for (let round = 0; round <= ROUNDS; round++) {
      const time = lookThrough(bytes);
      if (round > 0) own.push(time);
      for (const [at, peer] of peers.entries()) times[at]?.push(peer.time());
    }
    const ms = median(own);
    const speed = bytes.length / 1e3 / ms;
    console.log(`first-look: ${speed.toFixed(0)} MB/s (${ms.toFixed(0)} ms; bound ${BOUND_MB})`);
    for (const [at, { name }] of peers.entries()) {
      const peer = median(times[at] ?? []);
      const ratio = Number.isNaN(peer) ? "not installed" : `${(ms / peer).toFixed(1)} x its time`;
      console.log(`first-look: beside ${name}: ${ratio}`);
    }
    if (speed < BOUND_MB) process.exitCode = 1;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function unpack(archive: string, target: string): Promise<void> {
  const file = createReadStream(archive).pipe(createGunzip()).pipe(createWriteStream(target));
  await once(file, "finish");
}

/** Milliseconds of processor time to split the bytes and look at every mail. */
function lookThrough(bytes: Buffer): number {
  const start = process.cpuUsage();
  const concerning = splitMessages(bytes).filter((mail) => mayConcern(mail.bytes)).length;
  if (concerning === 0) throw new Error("the first look found nothing");
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function shell(name: string, command: string) {
  return {
    name,
    /** Wall-clock milliseconds; NaN if the command is not there. */
    time(): number {
      const start = performance.now();
      const { status } = spawnSync("sh", ["-c", command], { stdio: "ignore" });
      return status === 0 ? performance.now() - start : Number.NaN;
    },
  };
}
