/**
 * Records: JSON with a checksum of its own, because Redis' append-only file has none (64 bytes overwritten
 * inside a value load without complaint). A damaged record is an error, never data.
 */
import { hash } from "node:crypto";
import { brotliCompressSync, brotliDecompressSync, constants, inflateRawSync } from "node:zlib";
import type { RedisClient } from "./redis.ts";

/** What every module of the store works on. */
export interface Db {
  readonly redis: RedisClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A record whose checksum does not fit. Whoever can make it again drops it; others tell the operator. */
export class DamagedRecord extends Error {
  override readonly name = "DamagedRecord";
}

export interface Stored<T> {
  readonly value: T;
  /** Stands for exactly this content: what `transact` compares. */
  readonly stamp: string;
}

/** Length of a stamp, which is how a record begins: form, colon, checksum. */
export const STAMP_LENGTH = 36;
/** Form of a record around its content; what the content holds is for the schema to say. */
const RECORD_FORM = "001";
/** That of bytes, which are compressed by Brotli; in form 001 they were by deflate. */
const BYTES_FORM = "002";

function stampFor(body: string | Uint8Array, form = RECORD_FORM): string {
  return `${form}:${hash("sha256", body, "hex").slice(0, 32)}`;
}

/** The stamp of a record that holds this. */
export function stampOf(value: object): string {
  return stampFor(JSON.stringify(value));
}

export function encodeRecord(value: object): string {
  const body = JSON.stringify(value);
  return `${stampFor(body)} ${body}`;
}

/** Throws DamagedRecord; `where` is the key, for the message. */
export function decodeRecord<T>(raw: string, where: string): Stored<T> {
  const stamp = raw.slice(0, STAMP_LENGTH);
  const body = raw.slice(STAMP_LENGTH + 1);
  if (stampFor(body) !== stamp)
    throw new DamagedRecord(`record ${where} is damaged: its checksum does not fit`);
  return { value: JSON.parse(body) as T, stamp };
}

/** At this quality Brotli makes them as small as deflate, in a fraction of the time. */
const COMPRESSION = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

const DECOMPRESS = new Map([
  [RECORD_FORM, inflateRawSync],
  [BYTES_FORM, brotliDecompressSync],
]);

/** Bytes, compressed: mails are text and stay for years. */
export function encodeBytes(bytes: Uint8Array): Buffer {
  const body = brotliCompressSync(bytes, COMPRESSION);
  return Buffer.concat([Buffer.from(`${stampFor(body, BYTES_FORM)} `), body]);
}

export function decodeBytes(raw: Buffer, where: string): Buffer {
  const form = raw.toString("latin1", 0, BYTES_FORM.length);
  const body = raw.subarray(STAMP_LENGTH + 1);
  const decompress = DECOMPRESS.get(form);
  if (decompress === undefined || stampFor(body, form) !== raw.toString("latin1", 0, STAMP_LENGTH))
    throw new DamagedRecord(`record ${where} is damaged: its checksum does not fit`);
  try {
    return decompress(body);
  } catch (cause) {
    throw new DamagedRecord(`record ${where} is damaged: it is not of form ${form}`, { cause });
  }
}

export async function readRecord<T>(db: Db, where: string): Promise<Stored<T> | null> {
  const raw = await db.redis.get(where);
  return raw === null ? null : decodeRecord<T>(raw, where);
}

/** The values of several keys in their order, without those that are missing. */
export async function readRecords<T>(db: Db, keys: readonly string[]): Promise<T[]> {
  if (keys.length === 0) return [];
  const raws = await db.redis.mget([...keys]);
  return raws.flatMap((raw, at) => (raw === null ? [] : [decodeRecord<T>(raw, keys[at] ?? "").value]));
}

export async function readBytes(db: Db, where: string): Promise<Buffer | null> {
  const raw = await db.redis.getBuffer(where);
  return raw === null ? null : decodeBytes(raw, where);
}
