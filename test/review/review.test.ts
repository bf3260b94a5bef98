import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Evaluation, KernelBehaviour } from "../../src/interception/behaviour.ts";
import { openDirectory } from "../../src/kernel/directory.ts";
import type { KernelSource, TreeRef } from "../../src/kernel/source.ts";
import { readTree } from "../../src/kernel/tree.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { assembleSeries } from "../../src/mail/series.ts";
import type { Series } from "../../src/mail/series.ts";
import { reviewDigest } from "../../src/review/digest.ts";
import { reviewSeries, studySeries } from "../../src/review/review.ts";
import { bytesOf, makeMails } from "../e2e/git-mails.ts";
import type { MailPatch } from "../e2e/git-mails.ts";
import { NEW, OLD, READS_CHANGED } from "./behaviour.ts";

const AVIC = "arch/x86/kvm/svm/avic.c";
const OTHER = "arch/x86/kvm/mmu/mmu.h";
const DOC = "Documentation/virt/kvm/x.rst";
const TEXT = "int a;\nint b;\nint c;\n/* old */\nint d;\nint e;\nint f;\n";

const UNTOLD_BEHAVIOUR: KernelBehaviour = {
  ...OLD,
  openAnswers: [{ msr: 0x802, access: "read", reason: "'x' decides", at: { file: "a.c", line: 9 } }],
};
const UNTOLD = "the code cannot be evaluated: a.c:9: KVM's answer to a read of 0x802: 'x' decides";
const EVALUATED: Readonly<Record<string, KernelBehaviour>> = {
  old: OLD,
  reads: READS_CHANGED,
  new: NEW,
  untold: UNTOLD_BEHAVIOUR,
  trapless: {
    ...OLD,
    unaccelerated: { ...OLD.unaccelerated, trapsAt: { file: AVIC, line: 7 }, reason: "'t' decides" },
  },
};

/** Stands in for the evaluation of C: the comment in avic.c says how the tree behaves. */
function fakeEvaluator(asked: string[] = []) {
  return async (tree: TreeRef): Promise<Evaluation> => {
    const word = /\/\* (\w+) \*\//.exec((await readTree(tree, AVIC)) ?? "")?.[1] ?? "";
    asked.push(word);
    const behaviour = EVALUATED[word];
    if (behaviour !== undefined) return { ok: true, behaviour };
    return { ok: false, reason: `no idea of ${word}`, place: { file: AVIC, line: 4 }, filesRead: [AVIC] };
  };
}

function avic(word: string): MailPatch {
  return { subject: `KVM: SVM: Make it ${word}`, files: new Map([[AVIC, TEXT.replace("old", word)]]) };
}

function seriesOf(patches: MailPatch[], options: Parameters<typeof makeMails>[2] = {}): Series {
  const base = new Map([AVIC, OTHER, DOC].map((path) => [path, TEXT]));
  const mails = makeMails(base, patches, options).map((mail) => parseMessage(bytesOf(mail)));
  const { series } = assembleSeries(mails);
  assert.equal(series.length, 1);
  return series[0] as Series;
}

describe("the review of a series", () => {
  const dir = mkdtempSync(join(tmpdir(), "avicbot-review-"));
  let source: KernelSource;
  before(async () => {
    for (const path of [AVIC, OTHER, DOC]) {
      mkdirSync(join(dir, path, ".."), { recursive: true });
      writeFileSync(join(dir, path), TEXT);
    }
    source = await openDirectory(dir);
  });
  after(async () => {
    await source.close();
    rmSync(dir, { recursive: true });
  });

  it("knows which patch changes what and proves the result by blob ids", async () => {
    const tidy = {
      subject: "KVM: x86/mmu: Tidy",
      files: new Map([[OTHER, TEXT.replace("int c", "int  c")]]),
    };
    const series = seriesOf([tidy, avic("reads"), avic("new")], {
      cover: "KVM: SVM: Fix",
      version: 3,
    });
    const review = await reviewSeries(series, source, { evaluate: fakeEvaluator() });
    assert.equal(review.verdict, "changed");
    assert.deepEqual(
      { how: review.base?.how, verified: review.base?.verified },
      { how: "tree", verified: true },
    );
    assert.deepEqual(
      review.series.patches.map((patch) => [patch.index, patch.changesSets, patch.postImageVerified]),
      [
        [1, false, true],
        [2, true, true],
        [3, true, true],
      ],
    );
    assert.deepEqual([review.series.version, review.series.total, review.series.missing], [3, 3, []]);
    assert.equal(reviewDigest(review), review.digest);
  });

  it("gives the same bytes again", async () => {
    const series = seriesOf([avic("new")]);
    const texts = [];
    for (let run = 0; run < 2; run++)
      texts.push(JSON.stringify(await reviewSeries(series, source, { evaluate: fakeEvaluator() })));
    assert.equal(texts[0], texts[1]);
  });

  it("evaluates only trees that can differ", async () => {
    const asked: string[] = [];
    const other = {
      subject: "KVM: x86/mmu: Other",
      files: new Map([[OTHER, TEXT.replace("int c", "int x")]]),
    };
    await reviewSeries(seriesOf([other, avic("reads"), other]), source, { evaluate: fakeEvaluator(asked) });
    assert.deepEqual(asked, ["old", "reads"]);
  });

  it("is unchanged when what it touches comes out the same", async () => {
    const patch = { subject: "KVM: SVM: Tidy", files: new Map([[AVIC, TEXT.replace("int f", "int  f")]]) };
    const review = await reviewSeries(seriesOf([patch]), source, { evaluate: fakeEvaluator() });
    assert.deepEqual([review.verdict, review.reason], ["unchanged", null]);
  });

  const notApplicable: [string, MailPatch, RegExp][] = [
    ["no KVM file", { subject: "Docs", files: new Map([[DOC, `${TEXT}x\n`]]) }, /can read/],
    ["a file nobody read", { subject: "mmu", files: new Map([[OTHER, `${TEXT}x\n`]]) }, /rests on/],
  ];
  for (const [name, patch, reason] of notApplicable) {
    it(`is not applicable: ${name}`, async () => {
      const review = await reviewSeries(seriesOf([patch]), source, { evaluate: fakeEvaluator() });
      assert.equal(review.verdict, "not-applicable");
      assert.match(review.reason ?? "", reason);
      assert.deepEqual(review.rows, []);
    });
  }

  it("is undetermined where the code cannot be evaluated, with patch, file and line", async () => {
    const review = await reviewSeries(seriesOf([avic("reads"), avic("odd")]), source, {
      evaluate: fakeEvaluator(),
    });
    assert.equal(review.verdict, "undetermined");
    assert.equal(review.reason, `after patch 2 the code cannot be evaluated: ${AVIC}:4: no idea of odd`);
    assert.deepEqual(review.place, { patch: 2, file: AVIC, hunk: null, line: 4 });
    assert.equal(review.base?.how, "tree");
  });

  const untold: [string, string[], string][] = [
    ["after a patch", ["untold"], `after patch 1 ${UNTOLD}`],
    ["until a patch, but not after it", ["untold", "new"], `after patch 1 ${UNTOLD}`],
    ["after a patch that changes the sets, too", ["new", "untold"], `after patch 2 ${UNTOLD}`],
    [
      "which accesses are traps",
      ["trapless"],
      `after patch 1 the code cannot be evaluated: ${AVIC}:7: which unaccelerated accesses are traps: 't' decides`,
    ],
  ];
  for (const [name, words, reason] of untold) {
    it(`is undetermined where KVM's answer cannot be told: ${name}`, async () => {
      const review = await reviewSeries(seriesOf(words.map(avic)), source, { evaluate: fakeEvaluator() });
      assert.deepEqual([review.verdict, review.reason, review.rows], ["undetermined", reason, []]);
    });
  }

  it("takes what neither tree tells for the same", async () => {
    const files = new Map([[AVIC, TEXT.replace("old", "untold").replace("int f", "int  f")]]);
    const series = seriesOf([{ subject: "KVM: SVM: Tidy", files }]);
    const evaluate = () => Promise.resolve({ ok: true as const, behaviour: UNTOLD_BEHAVIOUR });
    assert.equal((await reviewSeries(series, source, { evaluate })).verdict, "unchanged");
  });

  it("is undetermined where a hunk applies nowhere, with file and hunk", async () => {
    const files = new Map([[AVIC, TEXT.replaceAll("int", "long").replace("old", "x")]]);
    const message = { subject: "x", files };
    const series = seriesOf([message, avic("new")]);
    const second = { ...series, patches: series.patches.slice(1) };
    const review = await reviewSeries(second, source, { evaluate: fakeEvaluator() });
    assert.equal(review.verdict, "undetermined");
    assert.deepEqual([review.place?.file, review.place?.hunk], [AVIC, 1]);
    assert.match(review.reason ?? "", /avic\.c, hunk 1/);
  });

  it("is undetermined without a kernel, but still tells what is not applicable", async () => {
    const touching = await reviewSeries(seriesOf([avic("new")]), null);
    assert.equal(touching.verdict, "undetermined");
    assert.match(touching.reason ?? "", /no kernel source/);
    const docs = await reviewSeries(
      seriesOf([{ subject: "Docs", files: new Map([[DOC, `${TEXT}x\n`]]) }]),
      null,
    );
    assert.equal(docs.verdict, "not-applicable");
  });

  it("is undetermined when a diff is damaged or climbs out of the tree", async () => {
    const [mail = ""] = makeMails(new Map([[AVIC, TEXT]]), [avic("new")]);
    const damaged: [string, RegExp][] = [
      [mail.replace("@@ -1,7 +1,7 @@", "@@ -1,9 +1,7 @@"), /patch 1: /],
      [mail.replaceAll("arch/x86/kvm/svm/avic.c", "../../../tmp/pwn"), /not inside the tree/],
    ];
    for (const [text, reason] of damaged) {
      const [series] = assembleSeries([parseMessage(bytesOf(text))]).series;
      assert.ok(series);
      const review = await reviewSeries(series, source, { evaluate: fakeEvaluator() });
      assert.equal(review.verdict, "undetermined");
      assert.match(review.reason ?? "", reason);
    }
  });

  it("keeps both sides for those who want to explain them", async () => {
    const study = await studySeries(seriesOf([avic("reads"), avic("new"), avic("new")]), source, {
      evaluate: fakeEvaluator(),
    });
    assert.equal(study.old?.behaviour, OLD);
    assert.equal(study.new?.behaviour, NEW);
    assert.match((await readTree(study.new?.tree as TreeRef, AVIC)) ?? "", /\/\* new \*\//);
  });
});
