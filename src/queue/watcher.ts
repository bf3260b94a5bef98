/**
 * Watching: for every source one process at a time reads it, whoever holds its lease; the others stand by and
 * take over when the lease runs out. Whatever goes wrong ends the reader; it begins again, after a while, at
 * the position that was stored last.
 */
import { boundary } from "../killpoint.ts";
import { describeError, type Logger } from "../log.ts";
import type { Batch, Source } from "../sources/source.ts";
import { settledAmong } from "../store/decisions.ts";
import { hashOf } from "../store/keys.ts";
import {
  acquireLease,
  markBatch,
  movePosition,
  readPlace,
  releaseLease,
  renewLease,
  type Lease,
} from "../store/positions.ts";
import type { Context } from "./context.ts";
import { ingest } from "./ingest.ts";

const BACKOFF_FIRST_MS = 1000;
const BACKOFF_LAST_MS = 60_000;

/** Reads a source whenever it falls to this process, until the signal. Never rejects. */
export async function watchSource(context: Context, source: Source, signal: AbortSignal): Promise<void> {
  const log = context.log.child({ source: source.name });
  let failures = 0;
  while (!signal.aborted) {
    try {
      const lease = await awaitLease(context, source, signal);
      if (lease === null) return;
      log.info({ fence: lease.fence }, "reading");
      await readUnderLease(context, { source, lease, log, progressed: () => (failures = 0) }, signal);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const wait = backoff(failures);
      log.warn({ error: describeError(error), retryInMs: Math.round(wait) }, "source failed");
      await pause(wait, signal);
    }
  }
}

/** Doubles up to a minute; the scatter keeps several processes from coming back at once. */
export function backoff(failures: number, random: () => number = Math.random): number {
  const full = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return full * (1 + random() / 4);
}

/** Resolves after the time or on the signal. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}

async function awaitLease(context: Context, source: Source, signal: AbortSignal): Promise<Lease | null> {
  const leaseMs = context.config.queue.leaseSeconds * 1000;
  while (!signal.aborted) {
    const lease = await acquireLease(context.db, source.name, leaseMs);
    if (lease !== null) return lease;
    await pause(leaseMs / 5, signal);
  }
  return null;
}

interface Reading {
  readonly source: Source;
  readonly lease: Lease;
  readonly log: Logger;
  /** Called when messages were stored: the source works. */
  readonly progressed: () => void;
}

async function readUnderLease(context: Context, reading: Reading, signal: AbortSignal): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  signal.addEventListener("abort", stop, { once: true });
  const renewing = keepLease(context, reading, stopping);
  // A server that went away may have lost what it took last.
  context.db.redis.once("ready", stop);
  try {
    await readBatches(context, reading, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    stop();
    context.db.redis.off("ready", stop);
    signal.removeEventListener("abort", stop);
    await renewing;
    await releaseLease(context.db, reading.lease).catch(() => undefined);
  }
}

/** Renews until stopped; a lost lease stops the reading. */
async function keepLease(
  context: Context,
  { lease, log }: Reading,
  stopping: AbortController,
): Promise<void> {
  const leaseMs = context.config.queue.leaseSeconds * 1000;
  let renewed = Date.now();
  while (!stopping.signal.aborted) {
    await pause(leaseMs / 3, stopping.signal);
    if (stopping.signal.aborted) return;
    const kept = await renewLease(context.db, lease, leaseMs).catch(() => null);
    if (kept === true) renewed = Date.now();
    if (kept === false || Date.now() - renewed > leaseMs) {
      log.warn("the lease is lost: another process reads on");
      stopping.abort();
    }
  }
}

async function readBatches(context: Context, reading: Reading, signal: AbortSignal): Promise<void> {
  const { source, lease } = reading;
  let place = await readPlace(context.db, source.name);
  const from = place.position;
  let { caughtUp } = place;
  const batches = source.read({
    from,
    follow: true,
    signal,
    limits: context.config.limits,
    known: (ids) => knownAmong(context, ids),
  });
  for await (const batch of batches) {
    if (signal.aborted) return;
    // After a start amid the past nobody can tell where the past ends.
    caughtUp ||= from === null && batch.live;
    await takeInBatch(context, source, { ...batch, news: caughtUp && batch.live });
    const mark = await markBatch(context.db, lease);
    // Redis went away meanwhile, and may have lost the first of them.
    if (signal.aborted) return;
    const moved = await movePosition(context.db, lease, place, { position: batch.position, caughtUp, mark });
    if (moved === null) return;
    place = moved;
    boundary("positioned");
    reading.progressed();
  }
}

/** All of a batch is stored when this resolves. */
async function takeInBatch(
  context: Context,
  source: Source,
  batch: Batch & { readonly news: boolean },
): Promise<void> {
  const { live, news } = batch;
  const { name, list } = source;
  await ingest(
    context,
    batch.messages.map((mail) => ({ mail, source: name, list, live, news })),
  );
}

async function knownAmong({ db }: Context, ids: readonly string[]): Promise<Set<string>> {
  const byKey = new Map(ids.map((id) => [hashOf(id), id]));
  const settled = await settledAmong(db, [...byKey.keys()]);
  return new Set([...settled].flatMap((name) => byKey.get(name) ?? []));
}
