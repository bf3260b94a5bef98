/**
 * The first look at the mails of a scan, in this thread and in one beside it: it is most of the work, and no mail's
 * look needs another's. Candidates come in the order of the mails nevertheless.
 */
import { setFlagsFromString } from "node:v8";
import { setImmediate as breathe } from "node:timers/promises";
import type { SourceMessage } from "../../sources/source.ts";
import { openThread, threadModule } from "../thread.ts";
import { consider, type Candidate, type Consideration } from "./candidate.ts";

const THREAD = new URL("./look-thread.ts", import.meta.url);

/** The mails of a batch, one behind the other. */
export interface Packed {
  /** Comes back with the answer, to be used again: collecting what is used once would take a tenth of the time. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each of them ends. */
  readonly ends: readonly number[];
}

export interface Looked {
  readonly picks: readonly Pick[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a mail of a packed batch may be, by its number. */
export interface Pick extends Consideration {
  readonly at: number;
}

export interface Looking {
  /**
   * Takes a batch; gives the candidates of batches before it, in the order of the mails. With no core idle a second
   * thread would take from the first.
   */
  take(mails: readonly SourceMessage[], idleCores: number): Promise<readonly Candidate[]>;
  /** The candidates of all batches that are left. */
  rest(): Promise<readonly Candidate[]>;
  close(): Promise<void>;
}

/** Mails between two looks at what else there is to do: git, or who unpacks, is waiting to hand on more. */
const BREATH = 8;
/** Batches after which a second thread pays: so much is through before it has started. */
const SMALL = 2;
/** Batches that the second thread has at a time: it never waits. */
const HANDED = 2;
/** What it makes of a mail is gone with the mail: more room would only be memory. */
const YOUNG_MB = 6;
/** Bytes by which the next batch may be larger. */
const ROOM = 256 * 1024;
/** Batches whose candidates wait for those before them. */
const AHEAD = 4;
/** Batches for which the bytes of mails have to hold: those that wait, and the one that is looked through. */
export const BATCHES_HELD = AHEAD + 1;

/** Rejects once the thread has failed: no mail is left out in silence. `module` is the thread's; tests give their own. */
export function startLooking(module = threadModule(THREAD)): Looking {
  const waiting: (Candidate[] | Promise<Candidate[]>)[] = [];
  let taken = 0;
  let helper: Helper | null = null;
  const look = async (mails: readonly Uint8Array[], idleCores: number): Promise<void> => {
    taken += 1;
    if (taken > SMALL && idleCores > 0) helper ??= startHelper(module);
    if (idleCores > 0 && helper !== null && helper.handed() < HANDED) waiting.push(helper.look(mails));
    else waiting.push(await lookHere(mails));
  };
  const oldest = async (left: number): Promise<Candidate[]> => {
    const found: Candidate[] = [];
    while (waiting.length > left || Array.isArray(waiting[0])) found.push(...((await waiting.shift()) ?? []));
    return found;
  };
  return {
    async take(mails, idleCores) {
      await look(
        mails.filter(isWhole).map(({ bytes }) => bytes),
        idleCores,
      );
      return oldest(AHEAD);
    },
    rest: () => oldest(0),
    close: async () => helper?.close(),
  };
}

function isWhole({ oversized, deleted, unreadable }: SourceMessage): boolean {
  return !oversized && !deleted && unreadable === null;
}

async function lookHere(mails: readonly Uint8Array[]): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const [at, bytes] of mails.entries()) {
    if (at % BREATH === 0) await breathe();
    const consideration = consider(bytes);
    if (consideration !== null) found.push({ ...consideration, bytes });
  }
  return found;
}

interface Helper {
  readonly handed: () => number;
  readonly look: (mails: readonly Uint8Array[]) => Promise<Candidate[]>;
  readonly close: () => Promise<void>;
}

interface Awaited {
  readonly resolve: (looked: Looked) => void;
  readonly reject: (error: Error) => void;
}

/**
 * With two heaps each may grow by a third only before it is collected: a scan of any archive stays within a fifth of
 * the memory of a small one.
 */
const HEAP_FLAG = "--heap-growing-percent=30";

function startHelper(module: URL): Helper {
  setFlagsFromString(HEAP_FLAG);
  const worker = openThread(module, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  const awaited: Awaited[] = [];
  const spare: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | null = null;
  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of awaited.splice(0)) reject(failure);
  };
  worker.on("message", (looked: Looked) => awaited.shift()?.resolve(looked));
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`the thread that looks through mails ended with ${code}`)));
  const ask = (packed: Packed) =>
    new Promise<Looked>((resolve, reject) => {
      if (failure !== null) return reject(failure);
      awaited.push({ resolve, reject });
      worker.postMessage(packed, [packed.bytes.buffer]);
    });
  return {
    handed: () => awaited.length,
    look(mails) {
      const found = ask(pack(mails, spare.pop())).then(({ picks, bytes }) => {
        spare.push(bytes);
        return picks.map(({ at, ...consideration }) => ({
          ...consideration,
          bytes: mails[at] as Uint8Array,
        }));
      });
      // It is awaited in its turn.
      found.catch(() => undefined);
      return found;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

/** In memory that goes to the thread without being copied again. */
function pack(mails: readonly Uint8Array[], spare: Uint8Array<ArrayBuffer> | undefined): Packed {
  const size = mails.reduce((sum, { length }) => sum + length, 0);
  const bytes = spare !== undefined && spare.length >= size ? spare : new Uint8Array(size + ROOM);
  const ends: number[] = [];
  let end = 0;
  for (const mail of mails) {
    bytes.set(mail, end);
    end += mail.length;
    ends.push(end);
  }
  return { bytes, ends };
}
