/** Ids git gives to file contents. */
import { createHash } from "node:crypto";

/** What git writes for "no file" in an index line. */
const NO_BLOB = /^0+$/;
const BLOB_ID = /^[0-9a-f]{7,64}$/;

export type BlobHash = "sha1" | "sha256";

/** The id `git hash-object` gives a text (a byte string). Repositories made with sha256 use the other hash. */
export function gitBlobId(text: string, hash: BlobHash = "sha1"): string {
  const bytes = Buffer.from(text, "latin1");
  return createHash(hash).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Whether the text has this id, which may be abbreviated; an abbreviated id does not tell its hash. */
export function hasBlobId(text: string, id: string): boolean {
  if (!BLOB_ID.test(id)) return false;
  if (id.length <= 40 && gitBlobId(text, "sha1").startsWith(id)) return true;
  return id.length !== 40 && gitBlobId(text, "sha256").startsWith(id);
}

/** A blob id as an index line states it; null for "no file" and for what is no usable id. */
export function statedBlobId(text: string): string | null {
  const id = text.toLowerCase();
  return BLOB_ID.test(id) && !NO_BLOB.test(id) ? id : null;
}
