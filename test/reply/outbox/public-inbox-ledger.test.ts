import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { publicInboxLedger } from "../../../src/reply/outbox/public-inbox-ledger.ts";
import { makeInbox, noPublicInbox, type TestInbox } from "../../sources/public-inbox-server.ts";

const FROM = "avicbot@bots.example.net";

function mailOf(messageId: string, parts: { from?: string; answers?: string } = {}): string {
  const { from = `avicbot <${FROM}>`, answers = "patch@example.com" } = parts;
  return [
    `From: ${from}`,
    "To: kvm@example.org",
    `Message-ID: <${messageId}>`,
    `In-Reply-To: <${answers}>`,
    "Subject: Re: x",
    "Date: Mon, 4 May 2026 09:15:00 +0000",
    "",
    "table",
    "",
  ].join("\n");
}

const question = (messageId: string, answered: string[] = []) => ({
  messageId,
  answered,
  from: FROM,
  since: 0,
});

describe("a public-inbox archive as the ledger", { skip: noPublicInbox }, () => {
  let inbox: TestInbox;
  before(() => {
    inbox = makeInbox();
    inbox.add(mailOf("patch@example.com", { from: "Jane <jane@example.com>", answers: "cover@example.com" }));
  });
  after(() => inbox.stop());

  test("absent before, found as soon as the archive has it, by its id and by what it answers", async () => {
    const ledger = publicInboxLedger(inbox.path);
    assert.deepEqual(await ledger.find(question("avicbot.1@bots.example.net")), { kind: "absent" });
    inbox.add(mailOf("avicbot.1@bots.example.net"));
    const answers = [
      await ledger.find(question("avicbot.1@bots.example.net")),
      await ledger.find(question("avicbot.2@bots.example.net", ["patch@example.com"])),
      await ledger.find(question("avicbot.2@bots.example.net", ["other@example.com"])),
      await publicInboxLedger(inbox.path).find(question("avicbot.1@bots.example.net")),
    ];
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ["found", "found", "absent", "found"],
    );
    const [first] = answers;
    assert.ok(first?.kind === "found");
    assert.match(first.where, /0\.git, commit [0-9a-f]{12}$/);
  });

  test("somebody else's answer to the same patch is not ours", async () => {
    inbox.add(mailOf("pat.1@example.org", { from: "Pat <pat@example.org>", answers: "patch2@example.com" }));
    const ledger = publicInboxLedger(inbox.path);
    assert.equal((await ledger.find(question("avicbot.3@x", ["patch2@example.com"]))).kind, "absent");
  });

  test("an older epoch counts as well", async () => {
    const dir = mkdtempSync(join(tmpdir(), "avp-"));
    const next = makeInbox();
    try {
      next.add(mailOf("avicbot.9@bots.example.net", { answers: "patch9@example.com" }));
      cpSync(join(inbox.path, "git", "0.git"), join(dir, "0.git"), { recursive: true });
      cpSync(join(next.path, "git", "0.git"), join(dir, "1.git"), { recursive: true });
      const ledger = publicInboxLedger(dir);
      for (const id of ["avicbot.1@bots.example.net", "avicbot.9@bots.example.net"])
        assert.equal((await ledger.find(question(id))).kind, "found", id);
    } finally {
      await next.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test("where there is no archive, or a broken one, nothing can be said", async () => {
    assert.equal((await publicInboxLedger("/nonexistent").find(question("x@y"))).kind, "unavailable");
    const dir = mkdtempSync(join(tmpdir(), "avp-"));
    cpSync(join(inbox.path, "git", "0.git"), join(dir, "0.git"), { recursive: true });
    rmSync(join(dir, "0.git", "objects"), { recursive: true });
    assert.equal((await publicInboxLedger(dir).find(question("x@y"))).kind, "unavailable");
    rmSync(dir, { recursive: true, force: true });
  });
});
