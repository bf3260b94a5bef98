/** Kernel source in a git repository, bare or not; everything is read through one `git cat-file --batch`. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { isSafePath } from "../patch/names.ts";
import { createCache, type Cache } from "./cache.ts";
import { notARepository, openCatFile, type CatFile } from "./cat-file.ts";
import type { Reply } from "./cat-file-reply.ts";
import {
  findInTree,
  isDirectory,
  isRegularFile,
  namesInTree,
  treeOfCommit,
  type TreeEntry,
  type TreeObject,
} from "./objects.ts";
import { isFullId, isObjectId, isRevision } from "./revision.ts";
import { KernelError, MAX_FILE_SIZE, type BlobAnswer, type KernelSource } from "./source.ts";

export interface GitOptions {
  /** The git executable, `git` by default. */
  readonly git?: string;
  /** Silence of git in ms after which it is given up, 30 s by default. */
  readonly timeout?: number;
}

interface Repository {
  readonly path: string;
  readonly catFile: CatFile;
  /** Tree id of each commit. */
  readonly commits: Cache<string>;
  readonly trees: Cache<TreeObject>;
  readonly texts: Cache<string>;
}

/** What is kept: commits, and bytes of trees and of text; enough for a few reviews. */
const KEPT = { commits: 10_000, trees: 8 * 1024 * 1024, texts: 48 * 1024 * 1024 };

/**
 * Opens a repository. Nothing is ever fetched: what a partial clone lacks is an error. Rejects with
 * KernelError `no-git`, `not-a-repository`.
 */
export async function openGit(path: string, options: GitOptions = {}): Promise<KernelSource> {
  const catFile = openCatFile({
    gitDir: findGitDir(path),
    git: options.git ?? "git",
    timeout: options.timeout ?? 30_000,
    maxSize: MAX_FILE_SIZE,
  });
  const head = await catFile.request("HEAD^{commit}");
  const repository: Repository = {
    path,
    catFile,
    commits: createCache(KEPT.commits, () => 1),
    trees: createCache(KEPT.trees, (tree: TreeObject) => tree.content.length),
    texts: createCache(KEPT.texts, (text: string) => text.length),
  };
  return sourceOf(repository, head.kind === "object" ? head.id.length : 40);
}

function findGitDir(path: string): string {
  const inside = join(resolve(path), ".git");
  if (existsSync(inside)) return inside;
  if (!existsSync(join(path, "objects"))) throw notARepository(path);
  return resolve(path);
}

function sourceOf(repository: Repository, idLength: number): KernelSource {
  return {
    describe: repository.path,
    partial: false,
    hash: idLength === 64 ? "sha256" : "sha1",
    resolve: (revision) => resolveRevision(repository, revision),
    read: async (revision, path) => {
      const entry = await findEntry(repository, revision, path);
      return entry && isRegularFile(entry) ? readText(repository, entry.id) : null;
    },
    list: async (revision, directory) => {
      const tree = await findTree(repository, revision, directory);
      return tree === null ? [] : namesInTree(tree);
    },
    blobId: async (revision, path) => {
      const entry = await findEntry(repository, revision, path);
      return entry && isRegularFile(entry) ? entry.id : null;
    },
    readBlob: (id) => readBlob(repository, id),
    close: () => repository.catFile.close(),
  };
}

/** The commit id of a revision; remembers the commit's tree on the way. */
async function resolveRevision(repository: Repository, revision: string): Promise<string | null> {
  if (!isRevision(revision)) return null;
  const reply = await repository.catFile.request(`${revision}^{commit}`);
  if (reply.kind !== "object" || reply.content === null) return null;
  const tree = treeOfCommit(reply.content);
  if (tree === null) return null;
  return repository.commits.get(reply.id, async () => tree).then(() => reply.id);
}

function treeOf(repository: Repository, revision: string): Promise<string> {
  return repository.commits.peek(revision) ?? loadCommit(repository, revision);
}

async function loadCommit(repository: Repository, revision: string): Promise<string> {
  const id = await resolveRevision(repository, revision);
  const tree = id === null ? undefined : await repository.commits.peek(id);
  if (tree !== undefined) return tree;
  const message = `${repository.path} has no revision ${JSON.stringify(revision)}: fetch it, or name another`;
  throw new KernelError("no-revision", message);
}

function loadTree(repository: Repository, id: string): Promise<TreeObject> {
  return repository.trees.get(id, async () => {
    const reply = await repository.catFile.request(id);
    return { content: contentOf(repository, reply, id, "tree"), idBytes: id.length / 2 };
  });
}

/** The content of an object that another object names: it has to be there. */
function contentOf(repository: Repository, reply: Reply, id: string, type: string): string {
  if (reply.kind !== "object" || reply.type !== type) {
    const message = `${repository.path} lacks the ${type} ${id}: fetch it (a partial clone?), or check it with git fsck`;
    throw new KernelError("missing-object", message);
  }
  if (reply.content !== null) return reply.content;
  throw new KernelError("too-large", `the ${type} ${id} has more than ${MAX_FILE_SIZE} bytes`);
}

async function findTree(
  repository: Repository,
  revision: string,
  directory: string,
): Promise<TreeObject | null> {
  if (directory !== "" && !isSafePath(directory)) return null;
  let tree = await loadTree(repository, await treeOf(repository, revision));
  for (const name of directory === "" ? [] : directory.split("/")) {
    const entry = findInTree(tree, name);
    if (entry === null || !isDirectory(entry)) return null;
    tree = await loadTree(repository, entry.id);
  }
  return tree;
}

async function findEntry(repository: Repository, revision: string, path: string): Promise<TreeEntry | null> {
  if (!isSafePath(path)) return null;
  const slash = path.lastIndexOf("/");
  const tree = await findTree(repository, revision, path.slice(0, Math.max(slash, 0)));
  return tree && findInTree(tree, path.slice(slash + 1));
}

function readText(repository: Repository, id: string): Promise<string> {
  return repository.texts.get(id, async () => {
    const reply = await repository.catFile.request(id);
    return contentOf(repository, reply, id, "blob");
  });
}

async function readBlob(repository: Repository, id: string): Promise<BlobAnswer> {
  if (!isObjectId(id)) return { ok: false, reason: "this is no blob id" };
  const known = isFullId(id) ? repository.texts.peek(id) : undefined;
  if (known !== undefined) return { ok: true, id, text: await known };
  const reply = await repository.catFile.request(id);
  if (reply.kind === "missing") return { ok: false, reason: `no object ${id}` };
  if (reply.kind === "ambiguous") return { ok: false, reason: `${id} is the start of several ids` };
  if (reply.type !== "blob") return { ok: false, reason: `${id} is a ${reply.type}, no file` };
  const { content } = reply;
  if (content === null) return { ok: false, reason: `${id} is too large` };
  return { ok: true, id: reply.id, text: await repository.texts.get(reply.id, async () => content) };
}
