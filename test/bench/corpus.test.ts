import { after, describe, test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCorpus, type MailTruth } from "../../bench/corpus/corpus.ts";
import { writeCorpus } from "../../bench/corpus/write.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { scanArchives } from "../../src/queue/scan/scan.ts";
import type { Review } from "../../src/review/types.ts";
import { readMessages } from "../../src/sources/mbox.ts";

const MAILS = 12_000;

function digestOf(seed: number, mails: number): string {
  const hash = createHash("sha256");
  for (const { text, truth } of makeCorpus({ seed, mails }).mails)
    hash.update(text).update(JSON.stringify(truth));
  return hash.digest("hex");
}

test("the same seed gives the same bytes, another seed others", () => {
  assert.equal(digestOf(7, 300), digestOf(7, 300));
  assert.notEqual(digestOf(7, 300), digestOf(8, 300));
});

describe("a corpus of a list's mail", () => {
  const truths: MailTruth[] = [];
  const corpus = makeCorpus({ seed: 1, mails: MAILS });
  for (const { text, truth } of corpus.mails) {
    assert.equal(text.indexOf("\n\n") + 2, truth.headerBytes);
    truths.push(truth);
  }
  const originals = truths.filter(({ copy }) => !copy);
  const share = (of: (truth: MailTruth) => boolean) => originals.filter(of).length / originals.length;
  const patches = originals.filter(({ kind }) => kind === "patch");

  const within: [string, number, number, number][] = [
    ["replies", share(({ kind }) => kind === "reply"), 0.53, 0.57],
    ["patches and covers", share(({ kind }) => kind === "patch" || kind === "cover"), 0.38, 0.42],
    ["odd MIME", share(({ kind }) => kind === "odd"), 0.04, 0.06],
    ["copies", (truths.length - originals.length) / truths.length, 0.003, 0.007],
    ["patches to avic.c", patches.filter(({ avic }) => avic).length / patches.length, 0.001, 0.004],
    [
      "headers of 6 to 10 KB",
      share(({ headerBytes }) => headerBytes > 5800 && headerBytes < 10_600),
      0.97,
      1,
    ],
    [
      "patches over 200 KB",
      patches.filter(({ bytes }) => bytes > 200_000).length / patches.length,
      0.001,
      0.02,
    ],
  ];
  for (const [what, found, least, most] of within) {
    test(`${what}: ${least} to ${most}`, () => assert.ok(found >= least && found <= most, `${found}`));
  }

  test("exactly so many mails as were asked for, each id once but for copies", () => {
    assert.equal(truths.length, MAILS);
    assert.equal(new Set(originals.map(({ id }) => id)).size, originals.length);
  });

  test("series come mixed, out of order, in several versions, and some are incomplete", () => {
    const series = corpus.series();
    assert.ok(series.length > 5);
    const order = originals.map(({ series: number }) => number).filter((number) => number !== null);
    const changes = order.filter((number, at) => number !== order[at - 1]).length;
    assert.ok(changes > order.length / 2, `${changes} of ${order.length}`);
  });
});

describe("a corpus on disk", () => {
  const dir = mkdtempSync(join(tmpdir(), "avc-"));
  after(() => rmSync(dir, { recursive: true }));

  async function scanned(path: string): Promise<unknown[]> {
    const reviews: Review[] = [];
    await scanArchives([path], {
      since: null,
      until: null,
      source: null,
      branches: [],
      profile: zen4,
      onReview: (review) => reviews.push(review),
      onProgress: () => undefined,
    });
    return reviews
      .map(({ series }) => [
        series.messageId,
        series.patches.map(({ messageId }) => messageId),
        series.missing,
      ])
      .sort();
  }

  test("every form holds the mails that were made, and a scan finds the series that truth names", async () => {
    const { paths, truth } = await writeCorpus({
      dir,
      seed: 3,
      mails: 4000,
      forms: ["mbox", "maildir", "inbox"],
    });
    const lines = readFileSync(truth, "utf8").trim().split("\n");
    const facts = lines.map((line) => JSON.parse(line) as MailTruth | { what: "series" });
    const mails = facts.filter((fact): fact is MailTruth => fact.what === "mail");
    let at = 0;
    for await (const { bytes } of readMessages(paths.mbox ?? "")) {
      assert.equal(bytes.length, mails[at]?.bytes);
      assert.equal(parseMessage(bytes).messageId, mails[at]?.id);
      at++;
    }
    assert.equal(at, 4000);
    assert.equal(readdirSync(join(paths.maildir ?? "", "cur")).length, 4000);
    const expected = facts
      .filter((fact) => fact.what === "series")
      .map((fact) => fact as unknown as { id: string; patches: string[]; missing: number[] })
      .map(({ id, patches, missing }) => [id, patches, missing])
      .sort();
    assert.ok(expected.length >= 2, `${expected.length}`);
    for (const path of Object.values(paths)) assert.deepEqual(await scanned(path), expected, path);
  });
});
