/** Patches of real kernels as mails, from the mail's bytes to the review. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openDirectory } from "../../src/kernel/directory.ts";
import type { KernelSource } from "../../src/kernel/source.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { assembleSeries } from "../../src/mail/series.ts";
import { packagePath } from "../../src/package-root.ts";
import { createEvaluator } from "../../src/review/evaluate.ts";
import { reviewSeries } from "../../src/review/review.ts";
import type { Review } from "../../src/review/types.ts";
import { DERIVED_PATCHES } from "../interception/derived-patches.ts";
import { realTree } from "../interception/kernels.ts";
import { EXPECTED_BASE, expectedSets, expectedVerdict, filesBefore, mailPatch } from "./derived.ts";
import { asBase64, asCrlf, asQuotedPrintable, bytesOf, makeMails } from "./git-mails.ts";

const evaluate = createEvaluator();

async function review(source: KernelSource, ...mails: string[]): Promise<Review> {
  const { series } = assembleSeries(mails.map((mail) => parseMessage(bytesOf(mail))));
  assert.equal(series.length, 1);
  return reviewSeries(series[0] as (typeof series)[0], source, { evaluate });
}

/** How the same patch may arrive; the review must not depend on it. */
const FORMS: [string, (mail: string) => string][] = [
  ["LF", (mail) => mail],
  ["CRLF", asCrlf],
  ["quoted-printable", asQuotedPrintable],
  ["base64, CRLF", (mail) => asCrlf(asBase64(mail))],
];

for (const version of ["6.12", "6.1"] as const) {
  const tree = realTree(version);
  describe(`patches of Linux ${version} as mails`, { skip: tree === null && `no kernel ${version}` }, () => {
    if (tree === null) return;
    let source: KernelSource;
    before(async () => {
      source = await openDirectory(packagePath(".cache", `linux-${version}`));
    });
    after(() => source.close());

    for (const [at, patch] of DERIVED_PATCHES.filter((one) => one.tree === version).entries()) {
      const [form, transform] = FORMS[at % FORMS.length] ?? FORMS[0]!;
      it(`${patch.name} (${form})`, async () => {
        const [mail = ""] = makeMails(filesBefore(tree, patch), [mailPatch(tree, patch)]);
        const result = await review(source, transform(mail));
        const verdict = expectedVerdict(patch.expected);
        assert.equal(result.verdict, verdict, result.reason ?? "");
        if (verdict === "undetermined")
          return assert.match(result.reason ?? "", patch.expected.undetermined ?? /./);
        const expected = expectedSets(patch.expected);
        assert.ok(result.sets);
        for (const scenario of ["active", "deactivated", "not-x2avic"] as const) {
          assert.deepEqual(
            result.sets[scenario],
            { old: EXPECTED_BASE[scenario], new: expected[scenario] },
            scenario,
          );
        }
        assert.deepEqual(
          result.series.patches.map((one) => one.postImageVerified),
          [true],
        );
        assert.deepEqual(
          result.series.patches.map((one) => one.changesSets),
          [verdict === "changed"],
        );
      });
    }

    it("gives the same bytes for LF, CRLF, quoted-printable and base64", async () => {
      const patch = DERIVED_PATCHES.find(
        (one) => one.tree === version && expectedVerdict(one.expected) === "changed",
      );
      assert.ok(patch);
      const [mail = ""] = makeMails(filesBefore(tree, patch), [mailPatch(tree, patch)]);
      const reviews = [];
      for (const [, transform] of FORMS) reviews.push(JSON.stringify(await review(source, transform(mail))));
      assert.equal(new Set(reviews).size, 1);
    });
  });
}
