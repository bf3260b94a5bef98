/** Whole series on real kernels: which patch changes what, and the table that was posted by hand. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openDirectory } from "../../src/kernel/directory.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { assembleSeries } from "../../src/mail/series.ts";
import { packagePath } from "../../src/package-root.ts";
import { renderTable } from "../../src/reply/table.ts";
import { reviewSeries } from "../../src/review/review.ts";
import type { Review } from "../../src/review/types.ts";
import { realTree } from "../interception/kernels.ts";
import { POSTED } from "../model/posted.ts";
import { asCrlf, bytesOf, makeMails } from "./git-mails.ts";
import { postedSeries } from "./posted-series.ts";

async function review(directory: string, mails: readonly string[]): Promise<Review> {
  const { series } = assembleSeries(mails.map((mail) => parseMessage(bytesOf(mail))));
  assert.equal(series.length, 1);
  const source = await openDirectory(directory);
  try {
    return await reviewSeries(series[0] as (typeof series)[0], source);
  } finally {
    await source.close();
  }
}

function postedLines(): string[] {
  return POSTED.map(
    (cells) => `|${cells.map((cell, column) => ` ${cell}`.padEnd(column === 0 ? 14 : 15)).join("|")}|`,
  );
}

function assertPosted(result: Review): void {
  assert.equal(result.verdict, "changed", result.reason ?? "");
  const lines = renderTable(result.rows).split("\n");
  assert.deepEqual(
    lines.filter((line) => line.startsWith("| 0x")),
    postedLines(),
  );
  const reads = result.rows.filter(({ read }) => read.changed);
  const writes = result.rows.filter(({ write }) => write.changed);
  assert.deepEqual([reads.length, writes.length], [10, 22]);
  assert.ok(reads.every(({ read }) => read.by.join() === "2"));
  assert.ok(writes.every(({ write }) => write.by.join() === "3"));
  assert.deepEqual(
    result.series.patches.map((patch) => [patch.index, patch.changesSets, patch.postImageVerified]),
    [
      [1, false, true],
      [2, true, true],
      [3, true, true],
      [4, false, true],
      [5, false, true],
    ],
  );
  assert.ok(
    result.exits.some((line) =>
      /AVIC_UNACCELERATED_ACCESS: .* remains for EOI writes of level-triggered interrupts alone/.test(line),
    ),
    result.exits.join("\n"),
  );
}

describe("the posted table from a series of five patches", () => {
  const tree = realTree("6.12");
  it("on Linux 6.12", { skip: tree === null && "no kernel 6.12" }, async () => {
    if (tree === null) return;
    const { before, patches } = postedSeries(tree);
    const mails = makeMails(before, patches, { version: 2, cover: "KVM: SVM: Fix x2AVIC MSR interception" });
    const result = await review(packagePath(".cache", "linux-6.12"), mails);
    assertPosted(result);
    assert.equal(result.series.version, 2);
    const reversed = await review(packagePath(".cache", "linux-6.12"), mails.map(asCrlf).reverse());
    assert.equal(JSON.stringify(reversed), JSON.stringify(result));
  });

  it("on the sample kernel, without the cover, and with a part missing", async () => {
    const { readMessages } = await import("../../src/sources/mbox.ts");
    const mails: string[] = [];
    for await (const { bytes } of readMessages(packagePath("demo", "series.mbox")))
      mails.push(bytes.toString("latin1"));
    assert.equal(mails.length, 6);
    assertPosted(await review(packagePath("demo", "linux"), mails));
    assertPosted(await review(packagePath("demo", "linux"), mails.slice(1)));
    const without4 = await review(
      packagePath("demo", "linux"),
      mails.filter((_, at) => at !== 4),
    );
    assert.deepEqual(without4.series.missing, [4]);
  });
});
