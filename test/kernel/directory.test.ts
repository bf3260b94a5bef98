import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openDirectory } from "../../src/kernel/directory.ts";
import { MAX_FILE_SIZE } from "../../src/kernel/source.ts";

const top = mkdtempSync(join(tmpdir(), "avicbot-dir-"));
const root = join(top, "linux");
after(() => rmSync(top, { recursive: true }));

mkdirSync(join(root, "arch/x86"), { recursive: true });
writeFileSync(join(top, "secret.h"), "secret");
writeFileSync(join(root, "arch/x86/a.h"), Buffer.from([0x61, 0xc3, 0xa4, 0xff, 0x0a]));
writeFileSync(join(root, "arch/x86/b.h"), "b\r\n");
symlinkSync("a.h", join(root, "arch/x86/link.h"));
symlinkSync("x86", join(root, "arch/same"));
symlinkSync("nowhere", join(root, "arch/x86/dangling.h"));
symlinkSync("../../../secret.h", join(root, "arch/x86/out.h"));
symlinkSync("..", join(root, "up"));
symlinkSync("/etc", join(root, "etc"));
symlinkSync("loop", join(root, "loop"));

test("files are byte strings, CR and all", async () => {
  const source = await openDirectory(root);
  assert.equal(await source.resolve("tree"), "tree");
  assert.equal(await source.resolve("HEAD"), null);
  assert.equal(await source.read("tree", "arch/x86/a.h"), "a\xc3\xa4\xff\n");
  assert.equal(await source.read("tree", "arch/x86/b.h"), "b\r\n");
  assert.equal(await source.read("tree", "arch/x86/link.h"), "a\xc3\xa4\xff\n");
  assert.equal(await source.read("tree", "arch/same/b.h"), "b\r\n");
  assert.equal(await source.blobId("tree", "arch/x86/b.h"), "485540d7ad7473f697234cebe0b55016c5dc1b40");
  assert.equal(await source.blobId("tree", "none"), null);
  assert.deepEqual(await source.list("tree", "arch"), ["same", "x86"]);
  assert.deepEqual(await source.list("tree", "arch/none"), []);
});

test("what is no file inside the tree is not there", async () => {
  const source = await openDirectory(root);
  const paths = [
    "",
    ".",
    "arch",
    "arch/x86/none.h",
    "arch/x86/a.h/b",
    "arch/x86/dangling.h",
    "../secret.h",
    "arch/../../secret.h",
    "/etc/passwd",
    join(root, "arch/x86/a.h"),
    "arch/x86/a.h\0",
    "arch//x86/a.h",
    "arch/x86/\na.h",
  ];
  for (const path of paths) assert.equal(await source.read("tree", path), null, path);
  for (const path of ["..", "/", "/etc", "arch/.."]) {
    assert.deepEqual(await source.list("tree", path), [], path);
  }
});

test("a symlink out of the tree is an error that says so", async () => {
  const source = await openDirectory(root);
  for (const path of ["arch/x86/out.h", "up/secret.h", "etc/passwd"]) {
    await assert.rejects(source.read("tree", path), { code: "outside-tree", name: "KernelError" });
  }
  await assert.rejects(source.list("tree", "up"), { code: "outside-tree" });
  await assert.rejects(source.read("tree", "loop"), { code: "unreadable", message: /ELOOP/ });
});

test("huge files and pipes are not read", async () => {
  writeFileSync(join(root, "huge.h"), "");
  truncateSync(join(root, "huge.h"), MAX_FILE_SIZE + 1);
  spawnSync("mkfifo", [join(root, "pipe.h")]);
  const source = await openDirectory(root);
  await assert.rejects(source.read("tree", "huge.h"), { code: "too-large" });
  assert.equal(await source.read("tree", "pipe.h"), null);
});

test("what is no directory cannot be opened", async () => {
  for (const path of [join(root, "none"), join(root, "arch/x86/a.h"), "\0"]) {
    await assert.rejects(openDirectory(path), { code: "no-directory", message: /name the top/ });
  }
});
