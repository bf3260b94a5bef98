/** The sender: what is due in the outbox goes out, one mail after the other. Any number of processes may run it. */
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { deliver, type DeliveryPorts } from "../../reply/outbox/deliver.ts";
import { imapLedger } from "../../reply/outbox/imap-ledger.ts";
import { joinLedgers } from "../../reply/outbox/ledgers.ts";
import { publicInboxLedger } from "../../reply/outbox/public-inbox-ledger.ts";
import { smtpTransport } from "../../reply/outbox/smtp.ts";
import type { GateAnswer, Ledger, Transport } from "../../reply/outbox/ports.ts";
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import { decideReply } from "../../reply/policy/policy.ts";
import type { Config } from "../../config.ts";
import { describeError } from "../../log.ts";
import { findMute, readStop } from "../../store/mutes.ts";
import { findReply, listDue, replaceReply } from "../../store/replies.ts";
import { findSeries } from "../../store/series.ts";
import { countCalls, sleepUntilDue } from "./due.ts";
import { gatherFacts, openCase, type ReplyContext } from "./facts.ts";
import { noticesFor } from "./notice.ts";
import { followReply } from "./progress.ts";
import { outboxSettings } from "./settings.ts";
import { signerOf } from "./signer.ts";

const POLL_MS = 1000;

/** Asks the policy again, with what is known now. */
export async function askGate(context: ReplyContext, record: OutboxRecord): Promise<GateAnswer> {
  if (record.kind === "answer" || record.kind === "notice")
    return context.config.mode === "dry-run" ? { kind: "hold", reason: "dry-run: not sent" } : { kind: "go" };
  const series = record.series === null ? null : await findSeries(context.db, record.series);
  const one = series === null ? null : await openCase(context, series.value);
  if (one === null) return waitForSeries(context, record);
  const known = { kind: record.kind, answered: false, approvedBy: record.approvedBy };
  const { action, reason } = decideReply(await gatherFacts(context, one, known));
  if (action === "send") return askRecipients(context, record);
  return { kind: action === "none" ? "drop" : "hold", reason };
}

/** A store that lost its latest records reads their mails again, and the series comes back. */
function waitForSeries({ config, db }: ReplyContext, { createdAt }: OutboxRecord): GateAnswer {
  const { giveUpMs, lookEveryMs } = outboxSettings(config);
  const now = db.now();
  const reason = "its series or review is no longer kept";
  return now - createdAt > giveUpMs
    ? { kind: "hold", reason }
    : { kind: "wait", until: now + lookEveryMs, reason };
}

/** Its bytes are fixed, and somebody may have opted out since. */
async function askRecipients({ db }: ReplyContext, { recipients }: OutboxRecord): Promise<GateAnswer> {
  const mutes = await Promise.all(recipients.map((name) => findMute(db, { kind: "person", name })));
  const silent = mutes.find((mute) => mute !== null);
  return silent ? { kind: "hold", reason: `${silent.name} wants no mail from avicbot` } : { kind: "go" };
}

/** Every IMAP folder and public-inbox archive that is watched, and the folder for sent mail. */
export function configuredLedger(config: Config): Ledger {
  const watched = config.sources.flatMap((source) =>
    source.type === "imap"
      ? [{ ...source, folders: typeof source.folder === "string" ? [source.folder] : source.folder }]
      : [],
  );
  const { sent } = config.outbox;
  const own = sent === undefined ? [] : [{ ...sent, folders: [sent.folder] }];
  const archives = config.sources.flatMap((source) => (source.type === "public-inbox" ? [source.path] : []));
  return joinLedgers([
    ...[...watched, ...own].map(({ url, password, folders }) => imapLedger({ url, password, folders })),
    ...archives.map((path) => publicInboxLedger(resolve(path))),
  ]);
}

/** What `deliver` needs, over the store. */
export function deliveryPorts(
  context: ReplyContext,
  { transport, ledger }: { transport: Transport; ledger: Ledger },
): DeliveryPorts {
  const { db, config } = context;
  return {
    transport,
    ledger,
    gate: (record) => askGate(context, record),
    stopped: async () => {
      const reason = await readStop(db);
      return reason === null ? null : `stopped: ${reason}`;
    },
    now: db.now,
    store: {
      load: async (key) => {
        const found = await findReply(db, key);
        return found === null ? null : { record: found.value, stamp: found.stamp };
      },
      replace: async ({ record, stamp }, next) => {
        const notices = record.state === "held" ? [] : await noticesFor(context, next);
        return replaceReply(db, { value: record, stamp }, next, notices);
      },
    },
    settings: outboxSettings(config),
  };
}

/** One round over all that is due; returns what was looked at. */
export async function sendDue(context: ReplyContext, ports: DeliveryPorts): Promise<OutboxRecord[]> {
  const done: OutboxRecord[] = [];
  for (const key of await listDue(context.db)) {
    const record = await deliver(key, ports);
    if (record === null) continue;
    done.push(record);
    await followReply(context, record);
    context.log.info({ messageId: record.messageId, state: record.state, reason: record.reason }, "outbox");
  }
  return done;
}

/** Sends until the signal; what fails is tried again with the next round. */
async function runSender(context: ReplyContext, ports: DeliveryPorts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const seen = countCalls();
    try {
      await sendDue(context, ports);
    } catch (error) {
      context.log.warn({ error: describeError(error) }, "the outbox could not be read");
    }
    await sleepUntilDue(POLL_MS, signal, seen);
  }
}

/** Starts sending if there is a server to send by. Throws when the DKIM key is of no use. */
export function startSender(context: ReplyContext): { stop: () => Promise<void> } {
  const { smtp } = context.config;
  signerOf(context.config);
  if (smtp.url === undefined) return { stop: () => Promise.resolve() };
  const { url, password, timeoutSeconds } = smtp;
  const transport = smtpTransport({ url, password, timeoutMs: timeoutSeconds * 1000 });
  const ledger = configuredLedger(context.config);
  const ending = new AbortController();
  const running = runSender(context, deliveryPorts(context, { transport, ledger }), ending.signal);
  return {
    // A mail on its way is left alone: its record says so, and the next start looks for it on the list.
    stop: async () => {
      ending.abort();
      await Promise.race([
        running,
        pause(context.config.queue.shutdownSeconds * 1000, undefined, { ref: false }),
      ]);
      await ledger.close();
    },
  };
}
