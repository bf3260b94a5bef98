/**
 * `kill -9` at random moments of the sender: whatever it was doing, the list gets each mail once.
 * AVICBOT_KILL_ROUNDS sets how often, AVICBOT_SEED when.
 */
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { KillPoint } from "../../src/killpoint.ts";
import { parseMessage } from "../../src/mail/message.ts";
import type { OutboxRecord } from "../../src/reply/outbox/record.ts";
import { countReplies, findReply, listReplies } from "../../src/store/replies.ts";
import { startHarness, type Harness } from "../jobs/harness.ts";
import { arriveReviewedAs, replySettings } from "../jobs/reviewed.ts";
import { runSeed, seededRandom, type Random } from "../patch/random.ts";
import { noDovecot, startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { bundleProgram } from "../support/bundle.ts";
import { noPostfix, startPostfix, type Postfix } from "../support/postfix.ts";
import { untilFound } from "./bot.ts";
import type { SenderSettings } from "./sender-process.ts";

const ROUNDS = Number(process.env["AVICBOT_KILL_ROUNDS"] ?? 15);
/** Far longer than Postfix takes to deliver what it accepted. */
const ECHO_WAIT_MS = 5000;
/** A sender that does not come to its point is killed then. */
const LIMIT_MS = 20_000;
const POINTS: readonly KillPoint[] = ["intent", "sending", "accepted", "acked"];
const LIST = "kvm@vger.kernel.org";
const skip = noRedis || noDovecot || noPostfix;

interface Plan {
  /** Where it kills itself; null: it is killed after the delay. */
  readonly point: KillPoint | null;
  readonly delay: number;
}

describe("a sender that is killed", { skip, timeout: 600_000 }, () => {
  let redis: TestRedis;
  let dovecot: Dovecot;
  let postfix: Postfix;
  let harness: Harness;
  let program: string;
  let settings: Record<string, unknown>;
  const children = new Set<ChildProcess>();
  before(async () => {
    [redis, dovecot] = await Promise.all([startTestRedis(), startDovecot()]);
    postfix = await startPostfix({ [LIST]: dovecot.maildir });
    settings = replySettings({
      sources: [{ type: "imap", url: dovecot.url, folder: "INBOX" }],
      limits: { replyWithinDays: 100_000, repliesPerDay: 10_000, repliesPerListAndDay: 10_000 },
    });
    harness = await startHarness(redis, settings);
    program = await bundleProgram(join(import.meta.dirname, "sender-process.ts"), "sender");
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await harness.close();
    await Promise.all([redis.stop(), dovecot.stop(), postfix.stop()]);
    rmSync(program, { force: true });
  });

  /** Resolves when it waits for its word; `env` may name the point where it kills itself. */
  async function startSender(env: Record<string, string> = {}): Promise<ChildProcess> {
    const given: SenderSettings = {
      config: settings,
      redisUrl: redis.url,
      smtpUrl: postfix.url,
      echoWaitMs: ECHO_WAIT_MS,
    };
    const child = fork(program, {
      env: { ...process.env, ...env, SENDER: JSON.stringify(given) },
      execArgv: [],
    });
    children.add(child);
    child.once("exit", () => children.delete(child));
    const said = await Promise.race([once(child, "message"), once(child, "exit").then(() => null)]);
    if (said === null) throw new Error("the sender ended before it was ready");
    return child;
  }

  /** Half of them die at a step between two durable states, the others whenever it comes. */
  function planOf(random: Random, whole: number): Plan {
    if (random(2) === 0) return { point: null, delay: (random(1000) / 1000) * 1.3 * whole };
    return { point: POINTS[random(POINTS.length)] ?? null, delay: LIMIT_MS };
  }

  function startPlanned({ point }: Plan): Promise<ChildProcess> {
    return startSender(point === null ? {} : { AVIC_KILL_AT: `${point}:1` });
  }

  async function kill(child: ChildProcess, delay = 0): Promise<void> {
    const ended = once(child, "exit");
    const timer = setTimeout(() => child.kill("SIGKILL"), delay);
    await ended;
    clearTimeout(timer);
  }

  async function makeReply(round: number): Promise<OutboxRecord> {
    const { record } = await arriveReviewedAs(harness, {
      id: `round-${round}@example.org`,
      title: `KVM: SVM: Round ${round}`,
    });
    assert.ok(record);
    return record;
  }

  const sending = () => countReplies(redis.db, "sending", true);
  const stateOf = async ({ key }: OutboxRecord) => (await findReply(redis.db, key))?.value.state;

  /** Milliseconds from the word to a mail that is out. */
  async function timeOfOne(): Promise<number> {
    const record = await makeReply(0);
    const child = await startSender();
    const start = performance.now();
    child.send("go");
    await untilFound(async () => ((await stateOf(record)) === "sent" ? true : null));
    const time = performance.now() - start;
    await kill(child);
    return time;
  }

  /** Mails on the list by Message-ID. */
  function mailbox(): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const folder of ["new", "cur"]) {
      for (const name of readdirSync(join(dovecot.maildir, folder))) {
        const bytes = readFileSync(join(dovecot.maildir, folder, name));
        const { messageId, patchText } = parseMessage(bytes);
        found.set(messageId ?? "", [...(found.get(messageId ?? "") ?? []), patchText]);
      }
    }
    return found;
  }

  test(`${ROUNDS} times: each mail is on the list once`, async (context) => {
    const seed = runSeed();
    const random = seededRandom(seed);
    const whole = await timeOfOne();
    let inDoubt = 0;
    const plans = Array.from({ length: ROUNDS }, () => planOf(random, whole));
    const last: Plan = { point: null, delay: 0 };
    let next = startPlanned(plans[0] ?? last);
    for (const [at, { delay }] of plans.entries()) {
      const [child, before] = await Promise.all([next, sending(), makeReply(at + 1)]);
      next = startPlanned(plans[at + 1] ?? last);
      child.send("go");
      await kill(child, delay);
      if ((await sending()) > before) inDoubt += 1;
    }
    const survivor = await next;
    survivor.send("drain");
    await once(survivor, "exit");
    await untilFound(() => Promise.resolve(postfix.isIdle() ? true : null));

    const mails = mailbox();
    const records = await listReplies(redis.db);
    assert.equal(records.length, ROUNDS + 1);
    for (const { messageId, state, reason } of records) {
      const copies = mails.get(messageId)?.length ?? 0;
      const once = copies === 1 && (state === "sent" || state === "echoed");
      assert.ok(
        once || (copies === 0 && state === "held" && reason !== null),
        `${messageId}: ${copies} ${state}`,
      );
    }
    const again = records.filter(({ resends }) => resends > 0).length;
    const found = records.filter(({ state }) => state === "echoed").length;
    context.diagnostic(`seed ${seed}; ${Math.round(whole)} ms a mail; ${inDoubt} kills left a mail in doubt`);
    context.diagnostic(`${found} were found on the list, ${again} sent again with the same bytes`);
  });
});
