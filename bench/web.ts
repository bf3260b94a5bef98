/**
 * The web server as a process of its own, its access log on: review page and JSON next to a bare fastify route with
 * the same bytes in memory, and the dashboard with 10,000 series next to one with 100.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { packagePath } from "../src/package-root.ts";
import { replaceSeries } from "../src/store/series.ts";
import { freePort } from "../test/sources/dovecot.ts";
import { aSeries } from "../test/store/samples.ts";
import type { Bench } from "./harness/bench.ts";
import { median } from "./harness/stats.ts";
import { noRedis } from "../test/store/test-redis.ts";
import { bearer, deliverDemo, startSite, type Site } from "../test/web/site.ts";

interface Measured {
  readonly requests: { readonly average: number };
  readonly latency: { readonly p99: number; readonly p97_5: number };
  readonly non2xx: number;
}

const autocannon = createRequire(import.meta.url)("autocannon") as (options: object) => Promise<Measured>;

export const title = "Pages and JSON";

const SECONDS = 4;
const QUICK_SECONDS = 1;
const ROUNDS = 3;
const LEAST_SHARE = 0.6;
const MOST_TIMES = 3;
const HTML = { accept: "text/html" };

const BARE = `
const { fastify } = require("fastify");
const { readFileSync } = require("node:fs");
const [file, type, port] = process.argv.slice(1);
const body = readFileSync(file);
const app = fastify();
app.get("/", (request, reply) => reply.type(type).send(body));
app.listen({ host: "127.0.0.1", port: Number(port) });`;

async function untilAnswers(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await pause(50);
  }
  throw new Error(`${url} does not answer`);
}

interface Running {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function running(child: ChildProcess, url: string, path: string): Promise<Running> {
  await untilAnswers(`${url}${path}`);
  return {
    url,
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function startBare(site: Site, { path, type }: { path: string; type: string }): Promise<Running> {
  const file = join(site.redis.dataDir, "bytes");
  writeFileSync(file, await site.text(path, HTML));
  const port = await freePort();
  const child = spawn(process.execPath, ["-e", BARE, file, type, String(port)], {
    cwd: packagePath(),
    stdio: "ignore",
  });
  return running(child, `http://127.0.0.1:${port}`, "/");
}

/** `avicbot web` on the store of a site; its log goes nowhere, but is written. */
async function startOwn(site: Site): Promise<Running> {
  const port = await freePort();
  const config = join(site.redis.dataDir, "web.json");
  writeFileSync(config, JSON.stringify({ redisUrl: site.redis.url, web: { port } }));
  const bin = packagePath("dist/avicbot.cjs");
  const child = spawn(process.execPath, [bin, "web", "--config", config], { stdio: "ignore" });
  return running(child, `http://127.0.0.1:${port}`, "/healthz");
}

function secondsOf({ quick }: Bench): number {
  return quick ? QUICK_SECONDS : SECONDS;
}

async function measure(bench: Bench, url: string): Promise<Measured> {
  const duration = secondsOf(bench);
  const result = await autocannon({ url, connections: 10, duration, headers: HTML });
  if (result.non2xx > 0) throw new Error(`${url}: ${result.non2xx} answers were not 2xx`);
  return result;
}

async function compareWithBare(
  bench: Bench,
  { site, own }: { site: Site; own: Running },
  { name, path, type }: { name: string; path: string; type: string },
) {
  const bare = await startBare(site, { path, type });
  const rates: [number, number][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [mine, theirs] = [await measure(bench, `${own.url}${path}`), await measure(bench, `${bare.url}/`)];
    rates.push([mine.requests.average, theirs.requests.average]);
  }
  await bare.stop();
  bench.report.figure(
    name,
    "a second",
    rates.map(([mine]) => mine),
  );
  bench.report.figure(
    `bare route with the bytes of the ${name}`,
    "a second",
    rates.map(([, theirs]) => theirs),
  );
  const shares = rates.map(([mine, theirs]) => mine / theirs);
  bench.report.goal({
    name: `${name}: share of a bare route's requests`,
    values: shares,
    bound: LEAST_SHARE,
    kind: "at least",
  });
}

async function fill({ harness }: Site, count: number): Promise<void> {
  const { db } = harness.service.context;
  for (let first = 0; first < count; first += 100) {
    const some = Array.from({ length: Math.min(100, count - first) }, (_, at) => {
      const number = first + at;
      const date = new Date(Date.parse("2026-01-01") + number * 60_000).toISOString();
      return aSeries({
        id: `series-${number}@example.org`,
        parts: [`part-${number}@example.org`],
        titles: [`KVM: SVM: x2AVIC change number ${number}`],
        title: `KVM: SVM: x2AVIC change number ${number}`,
        author: `author-${number % 97}@example.org`,
        authorName: `Author ${number % 97}`,
        date,
        progress: number % 3 === 0 ? "held" : "replied",
      });
    });
    await replaceSeries(db, [], some);
  }
}

/** Each path once kept in memory as the public gets it, once worked out anew each time as an operator gets it. */
async function compareSizes(bench: Bench): Promise<void> {
  const sites = [await startSite(), await startSite()];
  await Promise.all(sites.map((site, at) => fill(site, at === 0 ? 100 : 10_000)));
  const paths: [string, string, Record<string, string>][] = [
    ["dashboard", "/", HTML],
    ["dashboard, not kept", "/", { ...HTML, ...bearer }],
    ["search, not kept", "/?state=held&q=number", { ...HTML, ...bearer }],
  ];
  for (const [name, path, headers] of paths) {
    const p99: [number, number][] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const times = [];
      for (const { url } of sites)
        times.push(
          (await autocannon({ url: `${url}${path}`, connections: 4, duration: secondsOf(bench), headers }))
            .latency.p99,
        );
      p99.push([times[0] ?? 0, times[1] ?? 0]);
    }
    const [small, large] = [p99.map(([one]) => one), p99.map(([, other]) => other)];
    bench.report.figure(`${name}, 100 series: p99`, "ms", small);
    bench.report.figure(`${name}, 10,000 series: p99`, "ms", large);
    // Whole milliseconds: what is below one counts as one.
    const times = Math.max(median(large), 1) / Math.max(median(small), 1);
    bench.report.goal({
      name: `${name}: p99 with 10,000 series to 100`,
      values: [times],
      bound: MOST_TIMES,
      kind: "at most",
    });
  }
  await Promise.all(sites.map((site) => site.close()));
}

export async function run(bench: Bench): Promise<void> {
  if (noRedis) return bench.report.skip(noRedis);
  const site = await startSite();
  const series = await deliverDemo(site);
  const own = await startOwn(site);
  try {
    const page = { name: "review page", path: `/r/${series.id}/`, type: "text/html; charset=utf-8" };
    const json = {
      name: "review JSON",
      path: `/r/${series.id}/json`,
      type: "application/json; charset=utf-8",
    };
    for (const one of [page, json]) await compareWithBare(bench, { site, own }, one);
  } finally {
    await own.stop();
    await site.close();
  }
  await compareSizes(bench);
}
