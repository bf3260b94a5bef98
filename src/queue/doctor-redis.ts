/** What the store needs of its Redis, and what lies in the queue that a person has to look at. */
import { maskUrl, type Config } from "../config.ts";
import { createLogger, describeError } from "../log.ts";
import { listDeadLetters } from "../store/dead-letters.ts";
import { awaitReady, connectRedis, findUnsafeSettings, type RedisClient } from "../store/redis.ts";
import { failed, passed, type Check } from "./check.ts";
import type { Context } from "./context.ts";
import { openService } from "./service.ts";

const ANSWER_MS = 5000;
/** Mails carry dates of other clocks, and limits count by the day: seconds do no harm. */
const MOST_SKEW_MS = 30_000;

/** Opens the store as the service does; `now` is this machine's clock. */
export async function checkRedis(config: Config, now: () => number): Promise<Check[]> {
  const what = config.redisUrl === undefined ? "private Redis" : "Redis";
  const problem = config.redisUrl === undefined ? null : await reach(config.redisUrl);
  if (problem !== null) return [failed(what, problem, mendOf(problem))];
  try {
    const service = await openService(config, createLogger("silent"));
    try {
      const { db } = service.context;
      return [...(await checkServer(what, db.redis, now)), ...(await checkQueue(service.context))];
    } finally {
      await service.close();
    }
  } catch (error) {
    const { text } = describeError(error);
    return [failed(what, text, mendOf(text))];
  }
}

/** Why a server cannot be used, in its own words; null when it answers. */
async function reach(url: string): Promise<string | null> {
  let latest = "";
  let client: RedisClient;
  try {
    client = connectRedis(url, "fail", (error) => (latest = describeError(error).text));
  } catch (error) {
    return describeError(error).text;
  }
  try {
    await awaitReady(client, ANSWER_MS);
    await client.ping();
    return null;
  } catch (error) {
    return `${maskUrl(url)}: ${latest === "" ? describeError(error).text : latest}`;
  } finally {
    client.disconnect();
  }
}

function mendOf(problem: string): string {
  if (/NOAUTH|WRONGPASS|NOPERM/.test(problem)) return "put the user and password of the server into redisUrl";
  if (/give redis:\/\//.test(problem)) return "set redisUrl, or leave it out for a private Redis";
  if (/redis-server/.test(problem)) return "install redis-server, or set redisUrl to a Redis elsewhere";
  return "start it, or set redisUrl; without redisUrl avicbot runs a Redis of its own under dataDir";
}

async function checkServer(what: string, redis: RedisClient, now: () => number): Promise<Check[]> {
  const unsafe = await findUnsafeSettings(redis);
  const settings = unsafe.map((advice) => {
    const [mend = advice, why = advice] = advice.split(": ");
    return failed(what, why, `${mend} in redis.conf, or with CONFIG SET and CONFIG REWRITE`);
  });
  return [
    ...(settings.length === 0 ? [passed(what, "answers, and keeps what it took")] : settings),
    await checkClock(redis, now),
  ];
}

async function checkClock(redis: RedisClient, now: () => number): Promise<Check> {
  const [seconds = "0"] = (await redis.call("TIME")) as string[];
  const skew = Math.abs(now() - Number(seconds) * 1000);
  const text = `${Math.round(skew / 1000)} s between this machine and Redis`;
  return skew > MOST_SKEW_MS
    ? failed("clock", text, "let both keep time by NTP: limits and deadlines count by these clocks")
    : passed("clock", text);
}

async function checkQueue({ db, queues }: Context): Promise<Check[]> {
  const jobs = await queues.failed();
  const dead = await listDeadLetters(db);
  const text = `${jobs.length} failed jobs, ${dead.length} dead letters`;
  return [
    { ok: jobs.length + dead.length === 0, what: "queue", text },
    ...jobs.map((job) => failed(`job ${job.id}`, job.reason, "avicbot retry with the id of its series")),
    ...dead.map(({ messageId, reason }) =>
      failed(`dead letter <${messageId}>`, reason, `avicbot retry '<${messageId}>' takes it in again`),
    ),
  ];
}
