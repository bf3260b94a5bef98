/**
 * Where kernel source comes from: one interface for a directory and a git repository. Texts are byte strings
 * (one char, 0..255, a byte).
 */
import type { BlobHash } from "../patch/blob.ts";

export type BlobAnswer =
  | { readonly ok: true; readonly id: string; readonly text: string }
  | { readonly ok: false; readonly reason: string };

export interface KernelSource {
  /** For people: the path of the directory or repository. */
  readonly describe: string;
  /** A directory may hold a part of the kernel only: a missing file says little. */
  readonly partial: boolean;
  /** The hash of blob ids, where it is known. */
  readonly hash: BlobHash | null;
  /** The commit id of a revision, null when there is none; a directory has the one revision `tree`. */
  resolve(revision: string): Promise<string | null>;
  /** The text of a file; null when there is none, when the path climbs out, or when it is no regular file. */
  read(revision: string, path: string): Promise<string | null>;
  /** Names in a directory, sorted; none when there is no such directory. "" is the top. */
  list(revision: string, directory: string): Promise<readonly string[]>;
  /** The id of a file's blob; null when there is no such file. */
  blobId(revision: string, path: string): Promise<string | null>;
  /** A blob by its id, which may be abbreviated. */
  readBlob(id: string): Promise<BlobAnswer>;
  /** Like read and list, at once: only sources that need not wait have them. */
  readNow?(revision: string, path: string): string | null;
  listNow?(revision: string, directory: string): readonly string[];
  close(): Promise<void>;
}

/** A kernel tree: a revision with some files changed; null in `changes` is a file that is gone. */
export interface TreeRef {
  readonly source: KernelSource;
  readonly revision: string;
  readonly changes: ReadonlyMap<string, string | null>;
}

/**
 * - `no-directory`, `not-a-repository`, `no-git`: what was named as kernel source is none, or git is missing
 * - `outside-tree`: a symlink leads out of the tree
 * - `too-large`, `unreadable`: a file that cannot be read
 * - `no-revision`, `missing-object`: the repository does not hold it
 * - `git-failed`, `git-timeout`: the git process died twice on a request, or was silent for too long
 * - `closed`: the source was closed
 */
export type KernelErrorCode =
  | "no-directory"
  | "not-a-repository"
  | "no-git"
  | "outside-tree"
  | "too-large"
  | "unreadable"
  | "no-revision"
  | "missing-object"
  | "git-failed"
  | "git-timeout"
  | "closed";

/** The kernel source itself is at fault, not the patch: one line that names what to do. */
export class KernelError extends Error {
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KernelError";
    this.code = code;
  }
}

/** Bytes of one source file; the largest the kernel compiles for x86 KVM is half a megabyte. */
export const MAX_FILE_SIZE = 16 * 1024 * 1024;
