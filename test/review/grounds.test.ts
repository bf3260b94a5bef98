import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { openDirectory } from "../../src/kernel/directory.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { assembleSeries } from "../../src/mail/series.ts";
import { apm } from "../../src/model/apm.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { packagePath } from "../../src/package-root.ts";
import { explainAccess, rowsFor, type Viewed } from "../../src/review/explain.ts";
import { gatherGrounds } from "../../src/review/grounds.ts";
import { studySeries } from "../../src/review/review.ts";
import { readMessages } from "../../src/sources/mbox.ts";

describe("what a review rests on", () => {
  let viewed: Viewed;
  before(async () => {
    const mails = [];
    for await (const { bytes } of readMessages(packagePath("demo", "series.mbox")))
      mails.push(parseMessage(bytes));
    const [series] = assembleSeries(mails).series;
    assert.ok(series);
    const source = await openDirectory(packagePath("demo", "linux"));
    const study = await studySeries(series, source);
    const grounds = await gatherGrounds(study);
    await source.close();
    assert.ok(grounds !== null);
    // As it comes back from where it is kept.
    viewed = { review: study.review, grounds: JSON.parse(JSON.stringify(grounds)), profile: zen4, way: null };
  });

  it("gives the review's own rows with its own profile, and others with another", () => {
    assert.deepEqual(rowsFor(viewed), viewed.review.rows);
    const other = rowsFor({ ...viewed, profile: apm });
    const write = (rows: typeof other, label: string) => rows.find((row) => row.label === label)?.write;
    assert.equal(write(viewed.review.rows, "0x802")?.old, "#GP-direct");
    assert.equal(write(other, "0x802")?.old, "UAA(t)");
    assert.deepEqual(write(other, "0x802")?.by, write(viewed.review.rows, "0x802")?.by);
  });

  it("explains a cell: the code before and after, the hardware with its source, KVM's answer, the patch", () => {
    const found = explainAccess(viewed, { msr: 0x80f, access: "write" });
    assert.ok(found !== null);
    assert.deepEqual([found.old.code, found.new.code, found.register], ["UAA(t)", "MSR_INT:ok", "APIC_SPIV"]);
    assert.equal(found.old.passed, true);
    assert.match(found.old.decidedAt?.file ?? "", /^arch\/x86\/kvm\/svm\//);
    assert.match(found.old.chain.at(-1)?.text ?? "", /\S/);
    assert.equal(found.old.chain[0]?.function?.includes("activate"), true);
    assert.match(found.old.hardware.source, /measured on Zen4/);
    assert.match(found.new.answer.at?.file ?? "", /lapic\.c$/);
    assert.deepEqual(
      found.by.map(({ index }) => index),
      viewed.review.rows.find(({ label }) => label === "0x80F")?.write.by,
    );
  });

  it("says what is asked under a condition, and claims no deciding line where only that decides", () => {
    const { review } = viewed;
    assert.ok(review.sets !== null);
    const none = { read: [], write: [] };
    const sets = { ...review.sets, active: { old: review.sets.active.old, new: none } };
    const asked = {
      ...viewed,
      review: { ...review, conditions: [{ when: "enable_ipiv == 0", sets }] },
      way: 0,
    };
    const found = explainAccess(asked, { msr: 0x808, access: "write" });
    assert.deepEqual(
      [found?.when, found?.new.code, found?.new.decidedAt],
      ["enable_ipiv == 0", "MSR_INT:ok", null],
    );
    assert.ok(found?.old.decidedAt);
    assert.equal(rowsFor(asked).find(({ label }) => label === "0x808")?.write.changed, true);
  });

  it("is small enough to be kept beside every review", () => {
    assert.ok(
      JSON.stringify(viewed.grounds).length < 64 * 1024,
      `${JSON.stringify(viewed.grounds).length} bytes`,
    );
  });
});
