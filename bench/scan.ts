/**
 * `avicbot scan` over a real archive as a multiple of the mails a second that mailparser parses of the same
 * archive, and its peak memory as a multiple of what the first 2,000 mails need.
 */
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGzip } from "node:zlib";
import { packagePath } from "../src/package-root.ts";
import { readMessages } from "../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../test/mails.ts";
import { interleaved, peakMemory } from "./lib.ts";

const ROUNDS = 1;
const FIRST = 2000;
const SPEED_BOUND = 15;
const MEMORY_BOUND = 1.3;

export async function run(): Promise<void> {
  if (withoutMails) return console.log(`scan: ${withoutMails}`);
  const archive = mailsPath("kvm-cc.mboxrd.gz");
  const scan = (path: string) => ({
    name: "scan",
    args: [packagePath("dist/avicbot.cjs"), "scan", path],
  });
  const parser = {
    name: "mailparser",
    args: ["--import", "tsx", packagePath("bench/lib-mailparser.ts"), archive],
  };
  const [parsing = 0, scanning = 1] = interleaved([parser, scan(archive)], ROUNDS);
  const ratio = parsing / scanning;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  console.log(
    `scan: ${ratio.toFixed(1)} x mailparser (${seconds(scanning)} to ${seconds(parsing)}; bound ${SPEED_BOUND})`,
  );
  const dir = mkdtempSync(join(tmpdir(), "avicbot-bench-"));
  try {
    const start = join(dir, "first.mboxrd.gz");
    await copyFirst(archive, start);
    const [all, few] = [peakMemory(scan(archive)), peakMemory(scan(start))];
    const growth = all === null || few === null ? null : all / few;
    const shown = growth?.toFixed(2) ?? "unknown";
    console.log(
      `scan: peak memory ${shown} x that of ${FIRST} mails (${all} MB to ${few} MB; bound ${MEMORY_BOUND})`,
    );
    if (ratio < SPEED_BOUND || (growth ?? 0) > MEMORY_BOUND) process.exitCode = 1;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function copyFirst(archive: string, target: string): Promise<void> {
  const gzip = createGzip();
  const file = gzip.pipe(createWriteStream(target));
  let count = 0;
  for await (const { bytes } of readMessages(archive)) {
    if (count++ === FIRST) break;
    const quoted = bytes.toString("latin1").replace(/^(>*From )/gm, ">$1");
    gzip.write(`From mboxrd@z Thu Jan  1 00:00:00 1970\n${quoted}\n`, "latin1");
  }
  gzip.end();
  await once(file, "finish");
}
