/** The verbs on real kernels and on a git repository, as processes. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { packagePath } from "../../src/package-root.ts";
import type { Review, ReviewRow } from "../../src/review/types.ts";
import { avicbot, type RunOptions } from "./run.ts";

const OLD_KERNEL = packagePath(".cache", "linux-6.1");
const NEW_KERNEL = packagePath(".cache", "linux-6.12");
const skip = (!existsSync(OLD_KERNEL) || !existsSync(NEW_KERNEL)) && "no kernels under .cache";
const dir = mkdtempSync(join(tmpdir(), "avicbot-kernels-"));
after(() => rmSync(dir, { recursive: true }));

test(
  "6.1 against 6.12: equal sets, and DFR differs nowhere that x2AVIC lets it be seen",
  { skip },
  async () => {
    const { code, stdout } = await avicbot(["compare", OLD_KERNEL, NEW_KERNEL, "--json"]);
    assert.equal(code, 0);
    const { sets, rows } = JSON.parse(stdout) as Pick<Review, "sets"> & { rows: ReviewRow[] };
    assert.ok(sets);
    assert.deepEqual(sets.active.new, sets.active.old);
    assert.deepEqual([sets.active.old.read.length, sets.active.old.write.length], [24, 24]);
    for (const scenario of ["deactivated", "not-x2avic"] as const) {
      assert.deepEqual(sets[scenario], { old: { read: [], write: [] }, new: { read: [], write: [] } });
    }
    assert.deepEqual(
      rows.filter(({ read, write }) => read.changed || write.changed),
      [],
    );
  },
);

test("the base is found in a git repository and proven by blob ids; a revision that is none is said", async () => {
  cpSync(packagePath("demo", "linux"), dir, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", dir, "-c", "user.name=A", "-c", "user.email=a@example.com", ...args]);
  git("init", "-q");
  git("add", "-A");
  git("commit", "-q", "-m", "sample");
  const series = packagePath("demo", "series.mbox");
  const found = await avicbot(["review", series, "--git", dir, "--json"]);
  assert.equal(found.code, 0);
  const { base, verdict } = JSON.parse(found.stdout) as Review;
  assert.equal(verdict, "changed");
  assert.deepEqual([base?.how, base?.verified], ["blob", true]);
  assert.match(base?.revision ?? "", /^[0-9a-f]{40}$/);
  const none = await avicbot(["review", series, "--git", dir, "--base", "nonsense"]);
  assert.equal(none.code, 3);
  assert.match(none.stdout, /"nonsense" is no\s+revision/);
  const sets = await avicbot(["sets", "--git", dir, "--rev", "nonsense"]);
  assert.deepEqual([sets.code, sets.stdout], [1, ""]);
});

test("without --git and --tree: the environment's kernel, else the one around the current directory", async () => {
  const review = ["review", packagePath("demo", "series.mbox"), "--json"];
  const base = async (options: RunOptions) =>
    (JSON.parse((await avicbot(review, options)).stdout) as Review).base?.how;
  assert.equal(await base({ cwd: join(dir, "arch", "x86") }), "blob");
  const tree = packagePath("demo", "linux");
  assert.equal(await base({ cwd: tree }), "tree");
  assert.equal(await base({ cwd: tree, env: { AVICBOT_KERNEL_GIT: dir } }), "blob");
  assert.equal(await base({ cwd: dir, env: { AVICBOT_KERNEL_TREE: tree } }), "tree");
  const compared = await avicbot(["compare", "HEAD", tree], { cwd: dir });
  assert.match(compared.stdout, /^Current is HEAD, New is /);
  const nowhere = await avicbot(["compare", "v6.12", tree]);
  assert.deepEqual(
    [nowhere.code, nowhere.stderr],
    [2, "avicbot: no directory v6.12; give --git REPO when it is a revision\n"],
  );
});
