import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { createImapSources } from "../../src/sources/imap.ts";
import type { Source } from "../../src/sources/source.ts";
import { noDovecot, startDovecot, type Dovecot } from "./dovecot.ts";
import { idsOf, mail, readAll, startReader } from "./reading.ts";

describe("IMAP (Dovecot)", { skip: noDovecot }, () => {
  let dovecot: Dovecot;
  before(async () => void (dovecot = await startDovecot()));
  after(() => dovecot.stop());

  function source(folder: string | string[], pollSeconds = 600): Source[] {
    return createImapSources({ url: dovecot.url, folder, pollSeconds });
  }

  function only(folder: string): Source {
    const [found] = source(folder);
    assert.ok(found);
    return found;
  }

  test("reads from the start, then only what is new, and goes on from a position", async () => {
    dovecot.deliver(mail("a@x"), "one");
    dovecot.deliver(mail("b@x"), "one");
    const first = await readAll(only("one"));
    assert.deepEqual(idsOf(first.messages).sort(), ["a@x", "b@x"]);
    assert.deepEqual(first.live, [false]);
    const nothing = await readAll(only("one"), { from: first.position });
    assert.deepEqual(nothing.messages, []);
    dovecot.deliver(mail("c@x"), "one");
    const later = await readAll(only("one"), { from: first.position });
    assert.deepEqual(idsOf(later.messages), ["c@x"]);
    assert.deepEqual(later.live, [true]);
  });

  test("IDLE tells of new mail without a poll", async () => {
    dovecot.deliver(mail("a@x"), "idle");
    const reader = startReader(only("idle"));
    assert.deepEqual(idsOf((await reader.next()).messages), ["a@x"]);
    const next = reader.next();
    dovecot.deliver(mail("b@x"), "idle");
    const batch = await next;
    assert.deepEqual(idsOf(batch.messages), ["b@x"]);
    assert.equal(batch.live, true);
    await reader.stop();
  });

  test("a mail keeps its bytes; one over the limit comes as its header", async () => {
    const odd = mail("odd@x", "\xff tab\t\n.\n");
    dovecot.deliver(odd, "bytes");
    dovecot.deliver(mail("large@x", "x".repeat(5000)), "bytes");
    const { messages } = await readAll(only("bytes"));
    const [small, large] = [...messages].sort((a, b) => a.size - b.size);
    assert.equal(
      Buffer.from(small?.bytes ?? [])
        .toString("latin1")
        .replace(/\r\n/g, "\n"),
      odd,
    );
    assert.equal(large?.oversized, true);
    assert.ok((large?.size ?? 0) > 5000);
    assert.ok((large?.bytes.length ?? 9999) < 300);
    assert.deepEqual(idsOf(large === undefined ? [] : [large]), ["large@x"]);
  });

  test("a burst comes whole, in order, large mails between small ones, also after an end in its middle", async () => {
    const names = Array.from({ length: 320 }, (_, at) => `m${at}@x`);
    for (const [at, name] of names.entries())
      dovecot.deliver(mail(name, at % 9 === 0 ? "x".repeat(5000) : "text\n"), "burst");
    const reader = startReader(only("burst"));
    const { messages } = await reader.next();
    await reader.stop();
    assert.ok(messages.length > 0 && messages.length < names.length);
    const rest = await readAll(only("burst"), { from: reader.position() });
    const all = [...messages, ...rest.messages];
    assert.deepEqual(
      all.map((one) => one.place),
      names.map((_, at) => `uid ${at + 1}`),
    );
    assert.deepEqual(idsOf(all).sort(), [...names].sort());
    assert.equal(all.filter((one) => one.oversized).length, names.length / 9 + 4 / 9);
  });

  test("several folders are several sources, with names that hold no secret", () => {
    const names = source(["one", "Arch/ive"]).map((one) => one.name);
    assert.deepEqual(names, [
      `imap://reader@127.0.0.1:${dovecot.port}/one`,
      `imap://reader@127.0.0.1:${dovecot.port}/Arch%2Five`,
    ]);
  });

  test("a message whose file vanished is a gap, not an empty mail", async () => {
    dovecot.deliver(mail("a@x"), "gone");
    const gone = dovecot.deliver(mail("b@x"), "gone");
    const { position } = await readAll(only("gone"));
    rmSync(gone.replace("/new/", "/cur/").concat(":2,"), { force: true });
    rmSync(gone, { force: true });
    dovecot.deliver(mail("c@x"), "gone");
    assert.ok(position);
    const again = await readAll(only("gone"));
    assert.deepEqual(idsOf(again.messages).sort(), ["a@x", "c@x"]);
  });

  test("a server that dies ends the reader; a new one goes on, nothing lost", async () => {
    const reader = startReader(only("INBOX"));
    dovecot.deliver(mail("a@x"));
    await reader.next();
    const ended = assert.rejects(reader.next());
    await dovecot.kill();
    await ended;
    dovecot.deliver(mail("b@x"));
    await dovecot.start();
    const later = await readAll(only("INBOX"), { from: reader.position() });
    assert.deepEqual(idsOf(later.messages), ["b@x"]);
  });

  test("a changed UIDVALIDITY reads again and skips what is known by Message-ID", async () => {
    const { position } = await readAll(only("INBOX"));
    await dovecot.kill();
    dovecot.forgetUids();
    dovecot.deliver(mail("new@x"));
    await dovecot.start();
    const asked: string[] = [];
    const later = await readAll(only("INBOX"), {
      from: position,
      known: (ids) => {
        asked.push(...ids);
        return Promise.resolve(new Set(["a@x", "b@x"]));
      },
    });
    assert.deepEqual(idsOf(later.messages), ["new@x"]);
    assert.deepEqual(asked.sort(), ["a@x", "b@x", "new@x"]);
    assert.notEqual(later.position?.["uidValidity"], position?.["uidValidity"]);
  });

  test("a folder that is not there is an error that names it", async () => {
    await assert.rejects(readAll(only("nowhere")), /cannot open the IMAP folder nowhere: Mailbox/);
  });
});
