/** The first look of a scan in two threads: the same as in one, and no mail lost when the second fails. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArchive } from "../../src/queue/scan/archives.ts";
import { consider, type Candidate } from "../../src/queue/scan/candidate.ts";
import { startLooking } from "../../src/queue/scan/looking.ts";
import { wholeMessage, type SourceMessage } from "../../src/sources/source.ts";
import { patchMail } from "../jobs/patches.ts";

const BATCHES = 60;
const MAILS = 5;

function batch(number: number): SourceMessage[] {
  return Array.from({ length: MAILS }, (_, at) => {
    const id = `${number}-${at}@x`;
    const path = at === 0 ? "arch/x86/kvm/svm/avic.c" : "net/a.c";
    const title = at % 2 === 0 ? `[PATCH ${at + 1}/${MAILS}] x` : "[PATCH] x";
    return wholeMessage(Buffer.from(patchMail({ id, title, path })), id);
  });
}

async function lookThrough(
  batches: readonly SourceMessage[][],
  module?: URL,
  idleCores = 1,
): Promise<Candidate[]> {
  const looking = startLooking(module);
  const found: Candidate[] = [];
  try {
    for (const mails of batches) found.push(...(await looking.take(mails, idleCores)));
    return [...found, ...(await looking.rest())];
  } finally {
    await looking.close();
  }
}

test("candidates are those of each mail, in the order of the mails, with their bytes", async () => {
  const batches = Array.from({ length: BATCHES }, (_, number) => batch(number));
  const found = await lookThrough(batches);
  const expected = batches.flat().flatMap(({ bytes }) => {
    const consideration = consider(bytes);
    return consideration === null ? [] : [{ ...consideration, bytes }];
  });
  assert.ok(expected.length >= BATCHES);
  assert.deepEqual(found, expected);
});

test("the second thread has a share, and its late answers keep their place", async () => {
  const batches = Array.from({ length: BATCHES }, (_, number) => batch(number));
  const found = await lookThrough(batches, new URL("./late-look-thread.ts", import.meta.url));
  const own = found.filter(({ key }) => key.startsWith("thread"));
  assert.ok(own.length > 0 && own.length < found.length, `${own.length} of ${found.length}`);
  const places = found.map(({ bytes }) => batches.flat().findIndex((mail) => mail.bytes === bytes));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});

test("without an idle core there is no second thread", async () => {
  const batches = Array.from({ length: BATCHES }, (_, number) => batch(number));
  const found = await lookThrough(batches, new URL("./ending-look-thread.ts", import.meta.url), 0);
  assert.ok(found.length >= BATCHES);
});

const MB = 1024 * 1024;

/** Patches of some tens of KB each, and between them mails that are longer than all memory that is used in turn. */
function archive(): string {
  const patch = (at: number) =>
    patchMail({ id: `${at}@x`, title: "[PATCH] x", path: "arch/x86/kvm/svm/avic.c" }).replace(
      /$/,
      `${String(at).padEnd(79, ".")}\n`.repeat(400 + (at % 7) * 100),
    );
  const mails = Array.from({ length: 400 }, (_, at) =>
    at % 100 === 99 ? `Subject: long\n\n${`${"x".repeat(79)}\n`.repeat((14 * MB) / 80)}` : patch(at),
  );
  return mails.map((mail) => `From mboxrd@z Thu Jan  1 00:00:00 1970\n${mail}\n`).join("");
}

test("bytes hold until they are taken over, whatever is read meanwhile", async () => {
  const dir = mkdtempSync(join(tmpdir(), "avl-"));
  const path = join(dir, "list.mboxrd");
  const looking = startLooking();
  let seen = 0;
  const check = (candidates: readonly Candidate[]) => {
    for (const { key, bytes } of candidates) {
      seen++;
      const text = Buffer.from(bytes).toString("latin1");
      assert.ok(text.includes(`<${key}>`), key);
      const numbers = new Set(text.match(/^\d+(?=\.{20})/gm));
      assert.deepEqual([...numbers], [key.slice(0, key.indexOf("@"))]);
    }
  };
  try {
    writeFileSync(path, archive());
    const { batches, idleCores } = await openArchive(path);
    for await (const mails of batches) check(await looking.take(mails, idleCores));
    check(await looking.rest());
    assert.equal(seen, 396);
  } finally {
    await looking.close();
    rmSync(dir, { recursive: true });
  }
});

test("what cannot be read or is withdrawn is no candidate", async () => {
  const [whole] = batch(0) as [SourceMessage];
  const odd = [
    { ...whole, oversized: true },
    { ...whole, deleted: true },
    { ...whole, unreadable: "away" },
  ];
  assert.deepEqual(await lookThrough([odd]), []);
});

for (const name of ["ending", "throwing"])
  test(`a thread that ends, ${name}, ends the scan with an error`, async () => {
    const batches = Array.from({ length: BATCHES }, (_, number) => batch(number));
    const module = new URL(`./${name}-look-thread.ts`, import.meta.url);
    await assert.rejects(
      lookThrough(batches, module),
      /the thread that looks through mails ended with 3|broken/,
    );
  });
