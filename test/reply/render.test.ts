import assert from "node:assert/strict";
import { test } from "node:test";
import { quotePatch } from "../../src/reply/quote.ts";
import { renderReply, renderVerdict } from "../../src/reply/render.ts";
import { reproduceCommand } from "../../src/reply/reproduce.ts";
import type { Review, ReviewPatch } from "../../src/review/types.ts";
import { sampleReview, sampleSets, undeterminedReview } from "../review/sample.ts";
import { sampleTarget } from "./target.ts";

test("the common reply, byte for byte", () => {
  assert.equal(
    renderReply(sampleReview(), sampleTarget()),
    `On Mon, 04 May 2026 09:15:02 +0000, Jane Doe wrote:
> @@ -20,4 +20,4 @@ static void set_interception(struct vcpu *vcpu)
> -	set_intercept(vcpu, APIC_TASKPRI, MSR_TYPE_RW);
> +	set_intercept(vcpu, APIC_TASKPRI, MSR_TYPE_R);

Guest with x2AVIC active; Current: the base, New: the series up to patch
2/2. The series applies to kvm/next (0123456789ab), whose files have the
blob ids of the diff. After applying they have those that the patches name.

+--------------+---------------+---------------+---------------+---------------+---------------+
| MSR          | Register      | Current RDMSR | New RDMSR     | Current WRMSR | New WRMSR     |
+--------------+---------------+---------------+---------------+---------------+---------------+
| 0x802        | APIC_ID       | HW            | HW            | #GP-direct    | * MSR_INT:#GP |
| 0x808        | APIC_TPR      | HW            | HW            | HW            | HW            |
| 0x811..0x817 | APIC_ISR1..7  | MSR_INT:ok    | * HW          | MSR_INT:#GP   | MSR_INT:#GP   |
+--------------+---------------+---------------+---------------+---------------+---------------+

  HW          hardware-accelerated, no #VMEXIT
  #GP-direct  the CPU delivers #GP from microcode, no #VMEXIT
  MSR_INT:X   MSR intercept; KVM emulates, the guest sees X
  *           differs from the current outcome
Evidence (profile zen4): WRMSR of APIC_ISR1..7 inferred; every other cell
measured.

Which patch changes what:
- 1/2 changes RDMSR of 0x811..0x817
- 2/2 changes WRMSR of 0x802

Computed from the source by avicbot; no code was run. To reproduce offline:
  b4 mbox -o - 20260504091500.1-1-jane@example.com |
    avicbot review --git linux --base 0123456789abcdef0123456789abcdef01234567 -
To mute it, reply with a line "#avicbot mute thread" or "#avicbot mute me".
`,
  );
});

function verified(...values: (boolean | null)[]): { series: Review["series"] } {
  const { series } = sampleReview();
  const patches = series.patches.map((patch, at): ReviewPatch => {
    return { ...patch, postImageVerified: values[at] ?? null };
  });
  return { series: { ...series, patches } };
}

const sentences: [string, Parameters<typeof sampleReview>[0], RegExp][] = [
  ["no blob ids", verified(null, null), /The diffs name no blob ids/],
  ["another blob than named", verified(true, false), /the blob ids after patch 2 are not those/],
  [
    "a finding",
    { findings: [{ rule: "r", severity: "warning", msr: "0x832", access: "write", text: "LVTT." }] },
    / Findings: - warning: LVTT\. /,
  ],
  ["an exit", { exits: ["AVIC_INCOMPLETE_IPI: as before."] }, / Exits: - AVIC_INCOMPLETE_IPI: as before\. /],
  [
    "parts that are missing",
    { series: { ...sampleReview().series, missing: [1] } },
    /Patch 1 of 2 was not in the input\./,
  ],
];
for (const [name, parts, expected] of sentences) {
  test(`the reply says: ${name}`, () => {
    assert.match(renderReply(sampleReview(parts), sampleTarget()).replace(/\s+/g, " "), expected);
  });
}

test("a review with conditions shows the default way and says how the others differ", () => {
  const active = { old: sampleSets.active.old, new: { read: ["0x802", "0x808"], write: ["0x808", "0x80b"] } };
  const conditions = [
    { when: "enable_ipiv == 0", sets: { ...sampleSets, active } },
    { when: "enable_ipiv != 0", sets: sampleSets },
  ];
  const text = renderReply(sampleReview({ conditions }), sampleTarget());
  assert.match(
    text.replace(/\s+/g, " "),
    /These conditions cannot be settled from the source.*- when enable_ipiv == 0: the series intercepts RDMSR of 0x811 and passes through WRMSR of 0x80B too\. - when enable_ipiv != 0: as in the table\./,
  );
});

test("no form of the reply has trailing blanks, questions, control characters or several empty lines", () => {
  const hostile = sampleTarget({
    from: { name: "Eve\r\nX: \u202e\0", address: "eve@example.com" },
    patchText: "@@ -1 +1 @@ \x1b[31m \n-a\t \n+b\r\n+\xc3\xa4 \xe2\x80\xae\n",
  });
  for (const text of [
    renderReply(sampleReview(), hostile),
    renderReply(sampleReview(), sampleTarget({ patchText: "" })),
  ]) {
    assert.doesNotMatch(text, /[ \t]$/m);
    assert.doesNotMatch(text, /\n\n\n|[^\P{Cc}\t\n]|\p{Cf}/u);
    assert.doesNotMatch(text, /^[^>]*\w\?/m);
  }
});

test("verdicts that get no reply are a few lines", () => {
  assert.equal(
    renderVerdict(undeterminedReview(), ["Try --git."]),
    `KVM: SVM: Fix x2AVIC MSR interception
Jane Doe, Mon, 04 May 2026 09:15:00 +0000

Undetermined: patch 1: arch/x86/kvm/svm/avic.c hunk 2 applies nowhere

Try --git.
`,
  );
});

test("nothing of a mail gets into the command line but plain words", () => {
  const { series } = sampleReview();
  for (const messageId of ["$(touch x)@y", "a;b@c", "-o@x", "a b@c", "`id`@x", "a'b@c", "a\nb@c", "x|y@z"]) {
    const command = reproduceCommand(sampleReview({ series: { ...series, messageId } }));
    assert.equal(
      command,
      `avicbot review --git linux --base ${"0123456789abcdef".repeat(3).slice(0, 40)} thread.mbox`,
    );
  }
  const base = { how: "given", revision: "$(id)", verified: true, note: "" } as const;
  assert.match(
    reproduceCommand(sampleReview({ base, profile: "apm" })),
    /avicbot review --git linux --profile apm -$/,
  );
});

test("the quote is the hunk about interception, from its first new line about it on", () => {
  const many = Array.from({ length: 20 }, (_, at) => `+\tX2APIC_MSR(APIC_R${at}),`);
  const text = [
    "--- a/f.c",
    "+++ b/f.c",
    "@@ -1 +1 @@ f",
    "-a",
    "+b",
    "@@ -9 +9 @@ g",
    ...many,
    "-- ",
    "2.5",
  ].join("\n");
  const quote = quotePatch(text);
  assert.deepEqual(quote, ["@@ -9 +9 @@ g", ...many.slice(0, 4), "[...]"]);
  const removed = ["-a;", "-b;", "-c;", "+\tX2APIC_MSR(APIC_EOI),", "+d;"];
  assert.deepEqual(quotePatch(["@@ -1 +1 @@ f", ...removed].join("\n")), [
    "@@ -1 +1 @@ f",
    ...removed.slice(3),
    "[...]",
  ]);
  assert.deepEqual(quotePatch("no diff at all"), []);
});
