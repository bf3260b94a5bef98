import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { createMaildirSource } from "../../src/sources/maildir.ts";
import { createMboxSource } from "../../src/sources/mbox-source.ts";
import { idsOf, mail, readAll, startReader } from "./reading.ts";

let dir: string;
before(() => void (dir = mkdtempSync(join(tmpdir(), "avm-"))));
after(() => rmSync(dir, { recursive: true, force: true }));

function mboxOf(...ids: string[]): string {
  return ids.map((id) => `From mboxrd@z Thu Jan  1 00:00:00 1970\n${mail(id)}\n`).join("");
}

describe("mbox as a source", () => {
  test("goes on where it was, when the file grows", async () => {
    const path = join(dir, "grows");
    writeFileSync(path, mboxOf("a@x", "b@x"));
    const source = createMboxSource({ path, pollSeconds: 600 });
    const first = await readAll(source);
    assert.deepEqual(idsOf(first.messages), ["a@x", "b@x"]);
    assert.deepEqual((await readAll(source, { from: first.position })).messages, []);
    appendFileSync(path, mboxOf("c@x"));
    assert.deepEqual(idsOf((await readAll(source, { from: first.position })).messages), ["c@x"]);
  });

  test("another file under the same name is read from its start", async () => {
    const path = join(dir, "rotated");
    writeFileSync(path, mboxOf("a@x"));
    const source = createMboxSource({ path, pollSeconds: 600 });
    const { position } = await readAll(source);
    writeFileSync(path, mboxOf("b@x", "c@x", "d@x"));
    assert.deepEqual(idsOf((await readAll(source, { from: position })).messages), ["b@x", "c@x", "d@x"]);
  });

  test("a packed file is read once", async () => {
    const path = join(dir, "packed.gz");
    writeFileSync(path, gzipSync(mboxOf("a@x", "b@x")));
    const source = createMboxSource({ path, pollSeconds: 600 });
    const first = await readAll(source);
    assert.deepEqual(idsOf(first.messages), ["a@x", "b@x"]);
    assert.deepEqual((await readAll(source, { from: first.position })).messages, []);
  });

  test("any batch's position goes on with the next mail, none twice, none lost", async () => {
    const ids = Array.from({ length: 250 }, (_, at) => `n${at}@x`);
    for (const name of ["long", "long.gz"]) {
      const path = join(dir, name);
      writeFileSync(path, name === "long" ? mboxOf(...ids) : gzipSync(mboxOf(...ids)));
      const source = createMboxSource({ path, pollSeconds: 600 });
      const reader = startReader(source, { follow: false });
      const first = await reader.next();
      const rest = await readAll(source, { from: first.position });
      await reader.stop();
      assert.deepEqual([...idsOf(first.messages), ...idsOf(rest.messages)], ids, name);
    }
  });

  test("while somebody still writes, half a mail at the end is left for later", async () => {
    const path = join(dir, "half");
    const [one, two] = [mboxOf("a@x"), mboxOf("b@x")];
    writeFileSync(path, one + two.slice(0, -20));
    const reader = startReader(createMboxSource({ path, pollSeconds: 0.05 }));
    assert.deepEqual(idsOf((await reader.next()).messages), ["a@x"]);
    appendFileSync(path, two.slice(-20));
    const next = await reader.next();
    assert.deepEqual(idsOf(next.messages), ["b@x"]);
    assert.equal(Buffer.from(next.messages[0]?.bytes ?? []).toString(), mail("b@x"));
    await reader.stop();
  });
});

describe("Maildir as a source", () => {
  function deliver(path: string, name: string, text: string): void {
    for (const folder of ["tmp", "new", "cur"]) mkdirSync(join(path, folder), { recursive: true });
    writeFileSync(join(path, "tmp", name), text);
    renameSync(join(path, "tmp", name), join(path, "new", name));
  }

  test("reads new and cur, and goes on from a position", async () => {
    const path = join(dir, "box");
    deliver(path, "1.a", mail("a@x"));
    deliver(path, "2.b", mail("b@x"));
    renameSync(join(path, "new", "1.a"), join(path, "cur", "1.a:2,S"));
    const source = createMaildirSource({ path, pollSeconds: 600 });
    const first = await readAll(source);
    assert.deepEqual(idsOf(first.messages).sort(), ["a@x", "b@x"]);
    deliver(path, "3.c", mail("c@x"));
    renameSync(join(path, "new", "2.b"), join(path, "cur", "2.b:2,S"));
    assert.deepEqual(idsOf((await readAll(source, { from: first.position })).messages), ["c@x"]);
  });

  test("a delivery wakes the reader without a poll", async () => {
    const path = join(dir, "wake");
    deliver(path, "1.a", mail("a@x"));
    const reader = startReader(createMaildirSource({ path, pollSeconds: 600 }));
    assert.deepEqual(idsOf((await reader.next()).messages), ["a@x"]);
    const next = reader.next();
    deliver(path, "2.b", mail("b@x"));
    const batch = await next;
    assert.deepEqual(idsOf(batch.messages), ["b@x"]);
    assert.equal(batch.live, true);
    await reader.stop();
  });

  test("a mail over the limit comes as its header", async () => {
    const path = join(dir, "large");
    deliver(path, "1.a", mail("a@x", "x".repeat(9000)));
    const { messages } = await readAll(createMaildirSource({ path, pollSeconds: 600 }));
    assert.equal(messages[0]?.oversized, true);
    assert.ok((messages[0]?.bytes.length ?? 9999) < 300);
  });
});
