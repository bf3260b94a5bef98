import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createImapSources } from "../../src/sources/imap.ts";
import { createPublicInboxSource } from "../../src/sources/public-inbox.ts";
import type { Source } from "../../src/sources/source.ts";
import { makeInbox, noPublicInbox, type TestInbox } from "./public-inbox-server.ts";
import { idsOf, mail, readAll, startReader } from "./reading.ts";

function listMail(id: string): string {
  return mail(id).replace("\nSubject:", "\nTo: kvm@example.org\nList-Id: <kvm.example.org>\nSubject:");
}

describe("an archive of public-inbox' own making", { skip: noPublicInbox }, () => {
  let inbox: TestInbox;
  before(() => {
    inbox = makeInbox();
    inbox.add(listMail("a@x"));
    inbox.add(listMail("b@x"));
  });
  after(() => inbox.stop());

  test("new commits are read once; a withdrawn mail is told", async () => {
    const source = createPublicInboxSource({ path: inbox.path, pollSeconds: 600 });
    const first = await readAll(source);
    assert.deepEqual(idsOf(first.messages), ["a@x", "b@x"]);
    assert.deepEqual((await readAll(source, { from: first.position })).messages, []);
    inbox.add(listMail("c@x"));
    inbox.remove(listMail("a@x"));
    const later = await readAll(source, { from: first.position });
    assert.deepEqual(idsOf(later.messages), ["c@x", "a@x"]);
    assert.deepEqual(
      later.messages.map((one) => one.deleted),
      [false, true],
    );
  });

  test("its IMAP server takes an anonymous reader, and IDLE tells of new mail", async () => {
    const url = await inbox.serveImap();
    const [source] = createImapSources({ url, folder: inbox.folder, pollSeconds: 600 });
    assert.ok(source);
    const reader = startReader(source);
    assert.deepEqual(idsOf((await reader.next()).messages), ["b@x", "c@x"]);
    const next = reader.next();
    inbox.add(listMail("d@x"));
    assert.deepEqual(idsOf((await next).messages), ["d@x"]);
    await reader.stop();
  });
});

/** An epoch written with git alone: the format, without the tools. */
function makeEpoch(path: string): { add: (id: string) => void } {
  const git = (args: string[], input?: string) => {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    const done = spawnSync("git", ["--git-dir", path, ...args], { env, input });
    assert.equal(done.status, 0, done.stderr.toString());
    return done.stdout.toString().trim();
  };
  git(["init", "--quiet", "--bare"]);
  git(["symbolic-ref", "HEAD", "refs/heads/master"]);
  let parent: string[] = [];
  return {
    add: (id) => {
      const blob = git(["hash-object", "-w", "--stdin"], mail(id));
      const tree = git(["mktree"], `100644 blob ${blob}\tm\n`);
      const who = ["-c", "user.name=a", "-c", "user.email=a@x"];
      const commit = git([...who, "commit-tree", tree, ...parent, "-m", id]);
      git(["update-ref", "refs/heads/master", commit]);
      parent = ["-p", commit];
    },
  };
}

describe("epochs", () => {
  let dir: string;
  before(() => void (dir = mkdtempSync(join(tmpdir(), "avp-"))));
  after(() => rmSync(dir, { recursive: true, force: true }));

  test("a new epoch is read on after the old one; each keeps its own position", async () => {
    const path = join(dir, "two");
    mkdirSync(join(path, "git"), { recursive: true });
    const zero = makeEpoch(join(path, "git", "0.git"));
    zero.add("a@x");
    const source = createPublicInboxSource({ path, pollSeconds: 600 });
    const first = await readAll(source);
    const one = makeEpoch(join(path, "git", "1.git"));
    one.add("b@x");
    zero.add("late@x");
    const later = await readAll(source, { from: first.position });
    assert.deepEqual(idsOf(later.messages), ["late@x", "b@x"]);
  });

  test("history written anew (a purge) is read again from the start of its epoch", async () => {
    const path = join(dir, "purged");
    mkdirSync(join(path, "git"), { recursive: true });
    const epoch = makeEpoch(join(path, "git", "0.git"));
    epoch.add("a@x");
    const { position } = await readAll(createPublicInboxSource({ path, pollSeconds: 600 }));
    rmSync(join(path, "git", "0.git"), { recursive: true });
    const anew = makeEpoch(join(path, "git", "0.git"));
    anew.add("b@x");
    anew.add("c@x");
    const later = await readAll(createPublicInboxSource({ path, pollSeconds: 600 }), { from: position });
    assert.deepEqual(idsOf(later.messages), ["b@x", "c@x"]);
  });

  test("git fetch on a schedule brings new mails and new epochs", async () => {
    const origin = join(dir, "origin");
    mkdirSync(origin);
    const zero = makeEpoch(join(origin, "0.git"));
    zero.add("a@x");
    const path = join(dir, "clone", "git");
    mkdirSync(path, { recursive: true });
    const clone = ["clone", "--quiet", "--mirror", join(origin, "0.git"), join(path, "0.git")];
    assert.equal(spawnSync("git", clone).status, 0);
    zero.add("b@x");
    makeEpoch(join(origin, "1.git")).add("c@x");
    const source: Source = createPublicInboxSource({
      path: join(dir, "clone"),
      pollSeconds: 600,
      fetchSeconds: 600,
    });
    const reader = startReader(source);
    const found = [...idsOf((await reader.next()).messages), ...idsOf((await reader.next()).messages)];
    assert.deepEqual(found, ["a@x", "b@x", "c@x"]);
    await reader.stop();
  });

  test("a mail over the limit comes as its header", async () => {
    const path = join(dir, "large.git");
    const epoch = makeEpoch(path);
    epoch.add("a@x");
    const source = createPublicInboxSource({ path, pollSeconds: 600 });
    const { messages } = await readAll(source, { limits: { messageBytes: 95 } });
    assert.equal(messages[0]?.oversized, true);
    assert.deepEqual(idsOf(messages), ["a@x"]);
  });

  test("no archive: one line", async () => {
    await assert.rejects(
      readAll(createPublicInboxSource({ path: join(dir, "none"), pollSeconds: 1 })),
      /no public-inbox v2 archive/,
    );
  });
});
