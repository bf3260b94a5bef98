/** A small repository and what must be read from it, for the tests of openGit. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { openGit, type GitOptions } from "../../src/kernel/git.ts";
import type { KernelSource } from "../../src/kernel/source.ts";
import { gitBlobId } from "../../src/patch/blob.ts";
import { makeRepository, type TestRepository } from "./repository.ts";

const FILES = {
  "arch/x86/kvm/svm/avic.c": "int avic;\n",
  "arch/x86/kvm/svm/svm.c": "int svm;\r\n\xc3\xa4\xff",
  "arch/x86/kvm/two words.h": "w\n",
  Makefile: "",
};

/** Opens a repository and closes it with the test. */
export async function open(context: TestContext, path: string, options?: GitOptions): Promise<KernelSource> {
  const source = await openGit(path, options);
  context.after(() => source.close());
  return source;
}

/** A repository that holds FILES on main. */
export function filled(...initArgs: string[]): TestRepository {
  const repository = makeRepository(...initArgs);
  repository.commit(FILES);
  return repository;
}

/** Reads FILES and their ids. */
export async function checkFiles(source: KernelSource, revision: string): Promise<void> {
  for (const [path, text] of Object.entries(FILES)) {
    assert.equal(await source.read(revision, path), text, path);
    assert.equal(await source.blobId(revision, path), gitBlobId(text, source.hash ?? "sha1"), path);
  }
}
