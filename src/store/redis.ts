/**
 * Connections to Redis: one address form for a single server, a unix socket, Sentinel and Cluster.
 *
 * `redis://host:6379/0`, `rediss://…`, `unix:///run/redis.sock?db=0`,
 * `redis+sentinel://host:26379,host2:26379/name`, `redis+cluster://host:6379,host2:6379`.
 *
 * Tested with Redis 7.0: by TCP, on a unix socket, as a Cluster of one node that owns all slots (which refuses
 * scripts over several slots), and behind one Sentinel whose master is killed. Neither Cluster nor Sentinel
 * replicates durably: what a master took last may be lost with it.
 */
import { Redis, Cluster, type RedisOptions } from "ioredis";
import { maskUrl } from "../config.ts";

export type RedisClient = Redis | Cluster;

type ConnectionOptions = Omit<RedisOptions, "replyMapping">;

/**
 * How a connection meets a Redis that is away: `wait` retries for ever (BullMQ's workers need it),
 * `fail` answers at once with an error (a producer that waits would hang its source).
 */
export type Patience = "wait" | "fail";

/** A client that reconnects with a capped backoff. It reports its errors to `onError` and never throws them. */
export function connectRedis(url: string, patience: Patience, onError: (error: Error) => void): RedisClient {
  const client = open(url, optionsFor(patience));
  client.on("error", onError);
  return client;
}

function optionsFor(patience: Patience): ConnectionOptions {
  const common: ConnectionOptions = {
    retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 6), 2000),
    connectTimeout: 5000,
    enableReadyCheck: true,
  };
  if (patience === "wait") return { ...common, maxRetriesPerRequest: null };
  // What is asked in one turn of the loop is written at once, and shares one flush of the server's disk.
  return { ...common, maxRetriesPerRequest: 1, commandTimeout: 10_000, enableAutoPipelining: true };
}

function open(url: string, options: ConnectionOptions): RedisClient {
  const [scheme = "", rest = ""] = url.split("://", 2);
  switch (scheme) {
    case "redis":
    case "rediss":
      return new Redis(url, options);
    case "unix":
      return new Redis({ ...options, ...parseSocket(url) });
    case "redis+sentinel":
      return new Redis({ ...options, ...parseSentinel(rest) });
    case "redis+cluster":
      return new Cluster(parseHosts(rest.split("/", 1)[0] ?? "", 6379), { redisOptions: options });
    default:
      throw new Error(
        `redisUrl ${maskUrl(url)}: give redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://`,
      );
  }
}

function parseSocket(url: string): ConnectionOptions {
  const { pathname, searchParams } = new URL(url);
  return { path: decodeURIComponent(pathname), db: Number(searchParams.get("db") ?? 0) };
}

function parseSentinel(rest: string): ConnectionOptions {
  const [hosts = "", name = "mymaster", db = "0"] = rest.split("/");
  return { sentinels: parseHosts(hosts, 26379), name, db: Number(db) };
}

function parseHosts(text: string, port: number): { host: string; port: number }[] {
  return text.split(",").map((part) => {
    const [host = "", given] = part.split(":");
    return { host, port: given === undefined ? port : Number(given) };
  });
}

/** Resolves when the server answers; rejects with a one-line reason after `milliseconds`. */
export async function awaitReady(client: RedisClient, milliseconds: number): Promise<void> {
  if (client.status === "ready") return;
  const signal = AbortSignal.timeout(milliseconds);
  await new Promise<void>((resolve, reject) => {
    const late = () => {
      client.off("ready", ready);
      reject(new Error(`Redis does not answer within ${milliseconds / 1000} s`));
    };
    const ready = () => {
      signal.removeEventListener("abort", late);
      resolve();
    };
    client.once("ready", ready);
    signal.addEventListener("abort", late, { once: true });
  });
}

/** What makes a Redis unfit as a store, in words for the operator; empty when nothing does. */
export async function findUnsafeSettings(client: RedisClient): Promise<string[]> {
  const wanted: [key: string, fits: (value: string) => boolean, advice: string][] = [
    [
      "maxmemory-policy",
      (value) => value === "noeviction",
      "set maxmemory-policy noeviction: eviction loses records",
    ],
    ["appendonly", (value) => value === "yes", "set appendonly yes: without it a crash loses every record"],
    [
      "aof-load-truncated",
      (value) => value === "no",
      "set aof-load-truncated no: a cut file must not load silently",
    ],
  ];
  const unsafe: string[] = [];
  for (const [key, fits, advice] of wanted) {
    const value = await readSetting(client, key);
    if (value !== null && !fits(value)) unsafe.push(advice);
  }
  return unsafe;
}

/** Managed services forbid CONFIG: what cannot be read is not judged. */
async function readSetting(client: RedisClient, key: string): Promise<string | null> {
  try {
    const answer = (await client.call("CONFIG", "GET", key)) as string[];
    return answer[1] ?? null;
  } catch {
    return null;
  }
}
