import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { closeMerged } from "../../src/queue/merged.ts";
import { stateOf } from "../../src/store/series.ts";
import { startHarness, type Harness } from "../jobs/harness.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";

const FILE = "arch/x86/kvm/svm/avic.c";
const LINES = Array.from({ length: 40 }, (_, at) => `line ${at}`);

let mails = 0;

/** A kernel of one file, whose branch `next` is what maintainers took. */
class Repository {
  readonly dir = mkdtempSync(join(tmpdir(), "avm-"));

  constructor() {
    this.git("init", "-q", "-b", "next");
    mkdirSync(join(this.dir, "arch/x86/kvm/svm"), { recursive: true });
    this.commit("base", [LINES]);
  }

  git(...args: string[]): string {
    const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
    const env = { PATH: process.env["PATH"], HOME: this.dir, GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync("git", ["-C", this.dir, ...who, ...args], { env, encoding: "utf8" });
  }

  /** Commits the file's contents one after the other, with `title`, `title 2` … */
  commit(title: string, contents: readonly (readonly string[])[], author = "Ann <ann@example.org>"): void {
    contents.forEach((lines, at) => {
      writeFileSync(join(this.dir, FILE), `${lines.join("\n")}\n`);
      this.git("add", FILE);
      this.git("commit", "-q", "-m", at === 0 ? title : `${title} ${at + 1}`, `--author=${author}`);
    });
  }

  /** The mails of these contents as patches on `next`, which stays as it is. */
  mailsOf(title: string, contents: readonly (readonly string[])[]): string[] {
    this.git("checkout", "-q", "-b", "topic");
    this.commit(title, contents);
    const patches = contents.map((_, at) => {
      const back = `HEAD~${contents.length - 1 - at}`;
      mails += 1;
      const id = `--add-header=Message-ID: <m${mails}@x>`;
      const number = [`--start-number=${at + 1}`, `--subject-prefix=PATCH ${at + 1}/${contents.length}`];
      return this.git("format-patch", "-1", "-N", "--stdout", id, ...number, back);
    });
    this.git("checkout", "-q", "next");
    this.git("branch", "-q", "-D", "topic");
    // The separator of format-patch is none of the mail.
    return patches.map((patch) => patch.slice(patch.indexOf("\n") + 1));
  }
}

function changed(at: number, text: string): string[] {
  return LINES.map((line, index) => (index === at ? text : line));
}

describe("series found in a branch", { skip: noRedis, timeout: 60_000 }, () => {
  let server: TestRedis;
  let bot: Harness;
  let repository: Repository;
  before(async () => void (server = await startTestRedis()));
  after(() => server.stop());
  beforeEach(async () => {
    await server.redis.flushall();
    repository = new Repository();
    bot = await startHarness(server, { kernel: { git: repository.dir, branches: ["next"] } });
  });
  afterEach(async () => {
    await bot.close();
    rmSync(repository.dir, { recursive: true, force: true });
  });

  async function deliver(mails: readonly string[]): Promise<string> {
    for (const mail of mails) assert.equal(await bot.deliver(mail), true);
    return /^Message-ID: <(.*)>$/m.exec(mails[0] ?? "")?.[1] ?? "";
  }

  async function stateAfter(id: string): Promise<{ found: number; state: string; reason: string }> {
    const found = await closeMerged(bot.service.context);
    const series = await bot.find(id);
    assert.ok(series);
    return { found, state: stateOf(series), reason: series.closed?.reason ?? "" };
  }

  test("by patch-id, though the maintainer gave it another title", async () => {
    const id = await deliver(repository.mailsOf("KVM: SVM: x", [changed(5, "new")]));
    repository.commit("KVM: SVM: Say it better", [changed(5, "new")], "M <m@example.org>");
    const commit = repository.git("rev-parse", "HEAD").slice(0, 12);
    assert.deepEqual(await stateAfter(id), { found: 1, state: "merged", reason: `in next as ${commit}` });
    assert.equal(await closeMerged(bot.service.context), 0, "once");
  });

  test("by author and title, though the maintainer changed it", async () => {
    const id = await deliver(repository.mailsOf("KVM: SVM: x", [changed(5, "new")]));
    repository.commit("KVM: SVM: x", [changed(5, "new, fixed up")]);
    assert.equal((await stateAfter(id)).state, "merged");
  });

  test("another author's commit of that title is another's", async () => {
    const id = await deliver(repository.mailsOf("KVM: SVM: x", [changed(5, "new")]));
    repository.commit("KVM: SVM: x", [changed(9, "else")], "B <b@example.org>");
    assert.deepEqual(await stateAfter(id), { found: 0, state: "reviewing", reason: "" });
  });

  test("a series of which one patch was taken stays open until the other is", async () => {
    const both = [changed(5, "new"), changed(5, "newer")];
    const id = await deliver(repository.mailsOf("KVM: SVM: x", both));
    repository.commit("KVM: SVM: x", both.slice(0, 1));
    assert.equal((await stateAfter(id)).state, "reviewing");
    repository.commit("KVM: SVM: x 2", both.slice(1));
    assert.equal((await stateAfter(id)).state, "merged");
  });

  test("a series with missing parts is never called merged", async () => {
    const both = [changed(5, "new"), changed(5, "newer")];
    const id = await deliver(repository.mailsOf("KVM: SVM: x", both).slice(0, 1));
    repository.commit("KVM: SVM: x", both);
    assert.equal((await stateAfter(id)).state, "collecting");
  });

  test("a branch that looks like an option is refused", async () => {
    await deliver(repository.mailsOf("KVM: SVM: x", [changed(5, "new")]));
    const { context } = bot.service;
    const kernel = { ...context.config.kernel, branches: ["--output=/tmp/pwn"] };
    const hostile = { ...context, config: { ...context.config, kernel } };
    await assert.rejects(closeMerged(hostile), /--output=\/tmp\/pwn is no revision/);
  });
});
