/** Messages from files and streams: mbox, mboxrd, a single mail, a bare patch; gzip is unpacked on the way. */
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip, type ZlibOptions } from "node:zlib";
import { MboxSplitter, type RawMessage, type SplitLimits } from "./mbox-splitter.ts";

/** Packed or not: large enough that unpacking, in another thread, has work while a series is reviewed. */
const CHUNK = 1024 * 1024;
const UNPACKED = 512 * 1024;

/** A path, the bytes themselves, or anything that yields chunks of bytes. */
export type MessageInput = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * The messages of an input one after the other, in memory that does not grow with it. Input that is no mbox
 * (a mail, the output of `git format-patch`, a quilt patch) is one message. Rejects with the error of the file
 * or of gunzip, after what could be read was yielded.
 */
export async function* readMessages(
  input: MessageInput,
  limits: Partial<SplitLimits> = {},
): AsyncGenerator<RawMessage> {
  for await (const messages of readMessageRuns(input, limits)) yield* messages;
}

/** The same as `readMessages` in runs: what a chunk of the input completes, perhaps nothing. */
export async function* readMessageRuns(
  input: MessageInput,
  limits: Partial<SplitLimits> = {},
): AsyncGenerator<RawMessage[]> {
  const splitter = new MboxSplitter(limits);
  for await (const chunk of unpacked(chunksOf(input))) yield splitter.push(chunk);
  yield splitter.end();
}

/** The messages of bytes in memory that are not compressed. */
export function splitMessages(bytes: Uint8Array, limits: Partial<SplitLimits> = {}): RawMessage[] {
  const splitter = new MboxSplitter(limits);
  return [...splitter.push(asBuffer(bytes)), ...splitter.end()];
}

function chunksOf(input: MessageInput): AsyncIterable<Uint8Array> {
  if (typeof input === "string") return openBytes(input);
  if (input instanceof Uint8Array) return Readable.from([input]);
  return input;
}

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Chunks that hold, the latest one included; those before are written over. Unset: all of them. */
  readonly held?: number | undefined;
}

/** A file, or a part of it, in large chunks; the next one is read while one is handled. */
export async function* openBytes(
  path: string,
  { start, end, held }: ByteRange = { start: 0, end: Infinity },
): AsyncGenerator<Buffer> {
  const file = await open(path);
  const room = held === undefined ? () => Buffer.allocUnsafeSlow(CHUNK) : inTurn(held + 1);
  const read = (position: number) => {
    const chunk = file.read(room(), 0, Math.min(CHUNK, Math.max(0, end - position)), position);
    // Its error is the reader's, if there still is one.
    chunk.catch(() => undefined);
    return chunk;
  };
  try {
    let next = read(start);
    for (let position = start; ;) {
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) return;
      position += bytesRead;
      next = read(position);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** As many chunks of memory, one after the other and over again: what is thrown away has to be collected. */
function inTurn(count: number): () => Buffer {
  const chunks: Buffer[] = [];
  let taken = 0;
  return () => (chunks[taken++ % count] ??= Buffer.allocUnsafeSlow(CHUNK));
}

/** Unpacks what starts with the gzip magic (RFC 1952 2.3.1). */
async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    head = Buffer.concat([head, next.value]);
    if (head.length >= 2) break;
  }
  const all = prepend(head, iterator);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* all;
  const source = Readable.from(all);
  const gunzip = createGunzip({ chunkSize: UNPACKED, readableHighWaterMark: 2 * UNPACKED } as ZlibOptions);
  source.on("error", (error) => gunzip.destroy(error));
  yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
}

async function* prepend(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield asBuffer(next.value);
  } finally {
    await rest.return?.();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
