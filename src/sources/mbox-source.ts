/** mbox and mboxrd files, also .gz, as a source: read once, and on when they grow. */
import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { openBytes, readMessageRuns } from "./mbox.ts";
import type { RawMessage } from "./mbox-splitter.ts";
import {
  headerOf,
  type Batch,
  type ReadOptions,
  type Source,
  type SourceMessage,
  type SourcePosition,
} from "./source.ts";
import { watchPaths } from "./wake.ts";

export interface MboxSettings {
  readonly path: string;
  readonly pollSeconds: number;
  readonly list?: string | undefined;
}

interface MboxPosition extends SourcePosition {
  /** Offset in the unpacked file of the first message not read. */
  readonly offset: number;
  /** Size of the file if all of it was read, else 0. */
  readonly size: number;
  /** The file's first bytes: another file under the same name is read from its start. */
  readonly headLength: number;
  readonly headHash: string;
}

interface FileState {
  readonly path: string;
  readonly size: number;
  readonly packed: boolean;
  readonly headLength: number;
  readonly headHash: string;
}

const HEAD_LENGTH = 512;
/** While a file grows it is looked at more often. */
const SETTLE_MS = 1000;

export function createMboxSource(settings: MboxSettings): Source {
  const path = resolve(settings.path);
  return {
    name: `mbox:${path}`,
    list: settings.list ?? null,
    read: (options) => follow(path, settings.pollSeconds * 1000, options),
  };
}

async function* follow(path: string, pollMs: number, options: ReadOptions): AsyncGenerator<Batch> {
  const waker = watchPaths(options.follow ? [path] : [], options.signal);
  let position = options.from as MboxPosition | null;
  let live = position !== null;
  /** Size at the last look: a file that has grown since has perhaps half a mail at its end. */
  let settled = -1;
  try {
    while (!options.signal.aborted) {
      const file = await look(path, position?.headLength ?? HEAD_LENGTH);
      if (position !== null && !continues(file, position)) position = null;
      if (file.size !== position?.size) {
        const takeLast = !options.follow || file.packed || file.size === settled;
        for await (const batch of pass(file, { from: position?.offset ?? 0, takeLast }, options)) {
          position = batch.position as MboxPosition;
          yield { ...batch, live };
        }
      }
      if (!options.follow) return;
      live = true;
      await waker.wait(file.size === settled ? pollMs : Math.min(pollMs, SETTLE_MS));
      settled = file.size;
    }
  } finally {
    waker.close();
  }
}

async function look(path: string, headLength: number): Promise<FileState> {
  const { size } = await stat(path);
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    const head = buffer.subarray(0, bytesRead);
    const headHash = createHash("sha256").update(head).digest("hex");
    const packed = head[0] === 0x1f && head[1] === 0x8b;
    return { path, size, packed, headLength: bytesRead, headHash };
  } finally {
    await file.close();
  }
}

/** Whether the file is the one that was read, perhaps with more at its end. */
function continues(file: FileState, position: MboxPosition): boolean {
  if (file.headHash !== position.headHash || file.size < position.size) return false;
  return file.packed ? position.size === 0 || position.size === file.size : file.size >= position.offset;
}

async function* pass(
  file: FileState,
  { from, takeLast }: { from: number; takeLast: boolean },
  options: ReadOptions,
): AsyncGenerator<Omit<Batch, "live">> {
  const { headLength, headHash } = file;
  const at = (offset: number, size: number): MboxPosition => ({ offset, size, headLength, headHash });
  let last: RawMessage | null = null;
  // One batch a chunk: while it is handled, the next is read and unpacked.
  for await (const run of runsFrom(file, from, options)) {
    if (options.signal.aborted) return;
    const newest = run.pop();
    const complete: RawMessage[] = newest === undefined || last === null ? run : [last, ...run];
    if (newest !== undefined) last = kept(newest);
    // A batch for each chunk, though nothing ends in it: `held` counts batches.
    if (last !== null) yield { messages: complete.map(toMessage), position: at(last.offset, 0) };
  }
  if (last !== null && !takeLast) return;
  const messages = last === null ? [] : [toMessage(last)];
  yield { messages, position: at(file.packed ? (last?.offset ?? from) : file.size, file.size) };
}

/** For longer than the chunk that it is a view of holds. */
function kept(message: RawMessage): RawMessage {
  return { ...message, bytes: Buffer.from(message.bytes) };
}

/** Offsets count from the start of the unpacked file; of a packed one the former part is unpacked again. */
async function* runsFrom(
  file: FileState,
  from: number,
  { limits, held }: Pick<ReadOptions, "limits" | "held">,
): AsyncGenerator<RawMessage[]> {
  if (from >= file.size && !file.packed) return;
  const input = file.packed ? file.path : openBytes(file.path, { start: from, end: file.size, held });
  const base = file.packed ? 0 : from;
  for await (const run of readMessageRuns(input, { messageBytes: limits.messageBytes })) {
    yield base === 0 && from === 0
      ? run
      : run
          .map((message) => ({ ...message, offset: message.offset + base }))
          .filter(({ offset }) => offset >= from);
  }
}

function toMessage(raw: RawMessage): SourceMessage {
  return {
    bytes: raw.oversized ? headerOf(raw.bytes) : raw.bytes,
    oversized: raw.oversized,
    size: raw.size,
    place: `offset ${raw.offset}`,
    deleted: false,
    unreadable: null,
  };
}
