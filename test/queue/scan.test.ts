import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseMessage } from "../../src/mail/message.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { consider } from "../../src/queue/scan/candidate.ts";
import { ruleOn } from "../../src/queue/rules.ts";
import { scanArchives } from "../../src/queue/scan/scan.ts";
import type { Review } from "../../src/review/types.ts";
import { readMessages } from "../../src/sources/mbox.ts";
import { patchMail, seriesMails } from "../jobs/patches.ts";
import { mailsPath, withoutMails } from "../mails.ts";
import { makeInbox, noPublicInbox, type TestInbox } from "../sources/public-inbox-server.ts";

const ALWAYS = { since: null, until: null };

interface Scanned {
  readonly reviews: readonly Review[];
  readonly messages: number;
}

async function scanPath(path: string): Promise<Scanned> {
  const reviews: Review[] = [];
  const { messages } = await scanArchives([path], {
    ...ALWAYS,
    source: null,
    branches: [],
    profile: zen4,
    onReview: (review) => reviews.push(review),
    onProgress: () => undefined,
  });
  return { reviews, messages };
}

async function scan(mails: readonly string[]): Promise<Scanned> {
  const dir = mkdtempSync(join(tmpdir(), "avs-"));
  const path = join(dir, "list.mbox");
  try {
    writeFileSync(path, mails.map((mail) => `From mboxrd@z Thu Jan  1 00:00:00 1970\n${mail}\n`).join(""));
    return await scanPath(path);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe("scan", () => {
  const filler = (count: number, name: string) =>
    Array.from({ length: count }, (_, at) =>
      patchMail({ id: `${name}-${at}@x`, title: `other ${at}`, path: "net/a.c" }),
    );

  test("parts of a series meet over many other mails, each series once", async () => {
    const [cover = "", ...parts] = seriesMails("one", 3);
    const { reviews, messages } = await scan([
      parts[2] ?? "",
      ...filler(400, "a"),
      cover,
      ...filler(400, "b"),
      parts[0] ?? "",
      parts[1] ?? "",
      parts[1] ?? "",
    ]);
    assert.equal(messages, 805);
    assert.deepEqual(
      reviews.map(({ series }) => [series.messageId, series.patches.length, series.missing]),
      [["one-1-0@x", 3, []]],
    );
  });

  test("a reply that quotes or brings a patch is no series", async () => {
    const mails = seriesMails("one", 2).map((mail) => mail.replace(/^Subject: /m, "Subject: Re: "));
    assert.deepEqual((await scan(mails)).reviews, []);
  });
});

describe("scan of a public-inbox archive", { skip: noPublicInbox }, () => {
  let inbox: TestInbox;
  before(() => void (inbox = makeInbox()));
  after(() => inbox.stop());

  test("made by its own tools: the series in it, by the inbox and by its git alone", async () => {
    const listed = [...seriesMails("one", 2), patchMail({ id: "other@x", path: "net/a.c" })].map((mail) =>
      mail.replace("\nTo: kvm@vger.kernel.org\nMessage-ID", "\nTo: kvm@example.org\nMessage-ID"),
    );
    for (const mail of listed) inbox.add(mail);
    for (const path of [inbox.path, join(inbox.path, "git", "0.git")]) {
      const { reviews, messages } = await scanPath(path);
      assert.equal(messages, 4, path);
      assert.deepEqual(
        reviews.map(({ series }) => [series.messageId, series.patches.length]),
        [["one-1-0@x", 2]],
      );
    }
  });
});

test(
  "no part of a series is passed over in real mail",
  { skip: withoutMails, timeout: 600_000 },
  async () => {
    const step = process.env["AVICBOT_ALL_MAILS"] ? 1 : 12;
    let parts = 0;
    for (const box of ["kvm-cc", "bots", "odd"]) {
      let at = 0;
      for await (const { bytes } of readMessages(mailsPath(`${box}.mboxrd.gz`))) {
        if (at++ % step !== 0) continue;
        const message = parseMessage(bytes);
        const part = ruleOn(message, []);
        if (part.way !== "part") continue;
        parts++;
        const candidate = consider(bytes);
        assert.ok(candidate, `${box} ${at}`);
        assert.equal(candidate.key, message.messageId);
        if (part.concerns) assert.equal(candidate.concerns, true, `${box} ${at}`);
      }
    }
    assert.ok(parts > 500, `only ${parts} parts`);
  },
);
