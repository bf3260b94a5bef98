/**
 * A sender alone, as a process that a test kills: says `ready`, sends at the word `go`, and at the word `drain`
 * until nothing waits any more.
 */
import { configFrom } from "../../src/config.ts";
import { createLogger } from "../../src/log.ts";
import { configuredLedger, deliveryPorts, sendDue } from "../../src/queue/reply/send.ts";
import { smtpTransport } from "../../src/reply/outbox/smtp.ts";
import { awaitReady, connectRedis } from "../../src/store/redis.ts";
import { countReplies } from "../../src/store/replies.ts";

export interface SenderSettings {
  readonly config: Record<string, unknown>;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  readonly echoWaitMs: number;
}

const {
  config: given,
  redisUrl,
  smtpUrl,
  echoWaitMs,
} = JSON.parse(process.env["SENDER"] ?? "{}") as SenderSettings;
const redis = connectRedis(redisUrl, "wait", () => undefined);
await awaitReady(redis, 60_000);
const config = configFrom(given);
const db = { redis, now: () => Date.now() };
const context = { config, db, log: createLogger("silent") };
const ports = deliveryPorts(context, {
  transport: smtpTransport({ url: smtpUrl, timeoutMs: 60_000 }),
  ledger: configuredLedger(config),
});
const settings = { ...ports.settings, echoWaitMs, lookEveryMs: 100, unknown: "resend" as const };

async function waits(): Promise<boolean> {
  const counts = await Promise.all([countReplies(db, "intent", true), countReplies(db, "sending", true)]);
  return counts.some((count) => count > 0);
}

async function run(until: () => Promise<boolean>): Promise<void> {
  while (!(await until())) {
    await sendDue(context, { ...ports, settings });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

process.on("message", (word) => {
  if (word === "go") void run(() => Promise.resolve(false));
  if (word === "drain") void run(async () => !(await waits())).then(() => process.exit(0));
});
process.send?.("ready");
