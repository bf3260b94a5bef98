import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { apm } from "../../src/model/apm.ts";
import { X2APIC_MSRS } from "../../src/model/registers.ts";
import { ANSWERS, answering, found, reads, said, tree, writes } from "./facts.ts";
import { zen4 } from "../../src/model/zen4.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { NEW_SET, NOTHING, OLD_SET, range } from "./posted.ts";

test("what stays open after deactivation is critical (CVE-2023-5090)", () => {
  const open = { active: OLD_SET, deactivated: OLD_SET, "not-x2avic": NOTHING };
  const findings = found(tree(OLD_SET), tree(OLD_SET, { sets: open }));
  assert.deepEqual(
    findings.map(({ rule, severity, msr, access }) => [rule, severity, msr, access]),
    [
      ["left-open-when-deactivated", "critical", "0x802", "read"],
      ["left-open-when-deactivated", "critical", "0x802", "write"],
    ],
  );
  const one = { ...open, deactivated: writes(0x830) };
  assert.deepEqual(said("left-open-when-deactivated", found(tree(OLD_SET), tree(OLD_SET, { sets: one }))), [
    "WRMSR of APIC_ICR is passed through after AVIC is deactivated: the guest reaches the host's APIC.",
  ]);
});

test("what is open without x2AVIC is critical", () => {
  const sets = { active: NOTHING, deactivated: NOTHING, "not-x2avic": reads(0x811, 0x812, 0x8ff) };
  const findings = found(tree(NOTHING), tree(NOTHING, { sets }));
  assert.equal(findings[0]?.severity, "critical");
  assert.deepEqual(said("open-without-x2avic", findings), [
    "RDMSR of APIC_ISR1..2 and 0x8FF is passed through while x2AVIC is not in use: the guest reaches the host's APIC.",
  ]);
});

test("an access outside the x2APIC range is critical and said once", () => {
  const outside = [
    { msr: 0xc0000080, access: "write", scenario: "active" },
    { msr: 0xc0000080, access: "write", scenario: "deactivated" },
    { msr: 0x900, access: "write", scenario: "active" },
  ] as const;
  const findings = found(tree(NOTHING), tree(NOTHING, { outside }));
  assert.deepEqual(
    findings.map(({ rule, severity, msr }) => [rule, severity, msr]),
    [["outside-x2apic-range", "critical", "0x900"]],
  );
  assert.match(findings[0]?.text ?? "", /^WRMSR of 0x900 and 0xC0000080, outside 0x800\.\.0x8FF, /);
});

test("a hole that the base has already is no finding", () => {
  const sets = { active: OLD_SET, deactivated: OLD_SET, "not-x2avic": OLD_SET };
  const outside = [{ msr: 0x900, access: "read", scenario: "active" }] as const;
  const hole = tree(OLD_SET, { sets, outside });
  assert.deepEqual(found(hole, hole), []);
  assert.deepEqual(found(hole, tree(OLD_SET)), []);
});

test("a critical of another way of a condition is found, and once", () => {
  const closed = tree(NOTHING);
  const open = { sets: { ...closed.sets, deactivated: writes(0x830) }, outside: [] };
  const way = { when: "enable_ipiv == 0", old: closed, new: open };
  assert.deepEqual(said("left-open-when-deactivated", found(closed, closed, { ways: [way] })), [
    "Where enable_ipiv == 0: WRMSR of APIC_ICR is passed through after AVIC is deactivated: the guest reaches the host's APIC.",
  ]);
  assert.equal(found(closed, { ...closed, ...open }, { ways: [way] }).length, 1);
});

test("a critical of another way is said beside one of the usual way", () => {
  const open = (...msrs: number[]) => {
    const { sets, ...rest } = tree(NOTHING);
    return { ...rest, sets: { ...sets, deactivated: writes(...msrs) } };
  };
  const way = { when: "avic == 0", old: tree(NOTHING), new: open(0x80b) };
  assert.deepEqual(
    said("left-open-when-deactivated", found(tree(NOTHING), open(0x830), { ways: [way] })).map(
      (text) => text.split(" is ")[0],
    ),
    ["WRMSR of APIC_ICR", "Where avic == 0: WRMSR of APIC_EOI"],
  );
});

test("an access outside the range is news when its MSR, its instruction or its scenario is another", () => {
  const known = { msr: 0x900, access: "read", scenario: "active" } as const;
  const others = [
    { ...known, msr: 0x901 },
    { ...known, access: "write" as const },
    { ...known, scenario: "deactivated" as const },
  ];
  const news = (outside: typeof others) =>
    said("outside-x2apic-range", found(tree(NOTHING, { outside: [known] }), tree(NOTHING, { outside })));
  assert.equal(news([known]).length, 0);
  for (const other of others) assert.equal(news([known, other]).length, 1, JSON.stringify(other));
});

test("several visible changes are sentences of their own, each a warning; what nobody knows is none", () => {
  const old = tree(NOTHING, { answers: answering(0x80e, "read", "ok") });
  const now = tree(NOTHING, { answers: answering(0x80f, "write", "#GP") });
  const findings = found(old, now).filter(({ rule }) => rule === "guest-visible-change");
  assert.deepEqual(
    findings.map(({ severity, access, text }) => [severity, access, text]),
    [
      ["warning", "read", "RDMSR of APIC_DFR with x2AVIC active gives the guest #GP instead of ok."],
      ["warning", "write", "WRMSR of APIC_SPIV with x2AVIC active gives the guest #GP instead of ok."],
    ],
  );
  assert.deepEqual(said("guest-visible-change", found(tree(writes(0x840)), tree(NOTHING))), []);
  assert.deepEqual(said("guest-visible-change", found(tree(NOTHING), tree(writes(0x840)))), []);
});

test("values that only one of the trees tells apart", () => {
  const answers = (when: string, guest: string) =>
    ANSWERS.map((answer) =>
      answer.msr === 0x828 && answer.access === "write" ? { ...answer, variants: [{ when, guest }] } : answer,
    );
  const old = tree(NOTHING, { answers: answers("odd", "#GP") });
  const now = tree(NOTHING, { answers: answers("even", "#GP") });
  assert.deepEqual(said("guest-visible-change", found(old, now)), [
    "WRMSR of APIC_ESR (odd) with x2AVIC active gives the guest ok instead of #GP.",
    "WRMSR of APIC_ESR (even) with x2AVIC active gives the guest #GP instead of ok.",
  ]);
});

test("the findings of patches come in the order of the patches, whatever order they are in", () => {
  const changed = [{ msr: 0x808, access: "write" }] as const;
  const patches = [3, 1, 2].map((index) => ({
    index,
    subject: "KVM: SVM: Disable RDMSR interception",
    changed,
  }));
  assert.deepEqual(
    said("subject-access-mismatch", found(tree(NOTHING), tree(NOTHING), { patches })).map(
      (text) => /patch (\d)/.exec(text)?.[1],
    ),
    ["1", "2", "3"],
  );
});

test("a result that changes for the guest with x2AVIC active", () => {
  const oldAnswers = { answers: answering(0x80e, "read", "ok") };
  assert.deepEqual(
    said("guest-visible-change", found(tree(reads(0x80e), oldAnswers), tree(NOTHING, oldAnswers))),
    ["RDMSR of APIC_DFR with x2AVIC active gives the guest ok instead of #GP."],
  );
  assert.deepEqual(
    said("guest-visible-change", found(tree(writes(0x802)), tree(NOTHING), { profile: apm })),
    ["WRMSR of APIC_ID with x2AVIC active gives the guest #GP instead of ok."],
  );
});

test("an answer that only shows while AVIC is inactive", () => {
  const old = tree(OLD_SET, { answers: answering(0x80e, "read", "ok") });
  assert.deepEqual(said("guest-visible-change", found(old, tree(OLD_SET))), [
    "RDMSR of APIC_DFR with AVIC inactive gives the guest #GP instead of ok.",
  ]);
});

test("an answer that changes for other values than the usual one", () => {
  const answers = (guest: string) =>
    ANSWERS.map((answer) =>
      answer.msr === 0x828 && answer.access === "write"
        ? { ...answer, variants: [{ when: "not 0", guest }] }
        : answer,
    );
  const change = (active: AccessSet) =>
    found(tree(active, { answers: answers("#GP") }), tree(active, { answers: answers("ok") }));
  assert.deepEqual(
    change(NOTHING).map(({ rule, text }) => [rule, text]),
    [
      [
        "guest-visible-change",
        "WRMSR of APIC_ESR (not 0) with x2AVIC active gives the guest ok instead of #GP.",
      ],
    ],
  );
  assert.match(change(OLD_SET)[0]?.text ?? "", / with AVIC inactive gives /);
  assert.equal(found(tree(NOTHING, { answers: answers("#GP") }), tree(NOTHING)).length, 1);
});

test("another value is a visible change, any value for ok is none", () => {
  const value = (guest: string) => tree(NOTHING, { answers: answering(0x839, "read", guest) });
  assert.equal(found(value("0"), value("1")).length, 1);
  assert.equal(found(value("0"), value("ok")).length, 0);
  assert.equal(found(value("ok"), value("0")).length, 0);
});

test("writes that hardware does not accelerate, by what happens instead", () => {
  assert.deepEqual(
    said("write-not-accelerated", found(tree(NOTHING), tree(writes(0x802, 0x803, 0x808, 0x80f, 0x830)))),
    [
      "WRMSR of APIC_ID and APIC_LVR is passed through but not accelerated: the CPU delivers #GP without an exit.",
      "WRMSR of APIC_SPIV is passed through but not accelerated: it exits as a trap after the write.",
    ],
  );
  assert.deepEqual(
    said("write-not-accelerated", found(tree(NOTHING), tree(writes(0x803)), { profile: apm })),
    [
      "WRMSR of APIC_LVR is passed through but not accelerated: it exits as a fault and KVM has to decode the instruction.",
    ],
  );
});

test("reads that fault", () => {
  assert.deepEqual(said("read-faults", found(tree(NOTHING), tree(reads(0x802, 0x809, 0x839)))), [
    "RDMSR of APIC_ARBPRI and APIC_TMCCT is passed through and exits as a fault: KVM has to decode the instruction.",
  ]);
});

test("accelerated accesses that the series intercepts", () => {
  const findings = found(tree(NEW_SET), tree({ read: NEW_SET.read, write: [0x808, 0x80b, 0x83f] }));
  assert.deepEqual(said("accelerated-left-intercepted", findings), [
    "WRMSR of APIC_ICR is intercepted although hardware accelerates it.",
  ]);
});

test("words left out while others of the same register are opened", () => {
  const findings = found(tree(NOTHING), tree(reads(...range(0x810, 0x816))));
  assert.deepEqual(said("accelerated-left-intercepted", findings), [
    "RDMSR of APIC_ISR7 is intercepted although hardware accelerates it.",
  ]);
});

test("reads that are opened say nothing of the writes of the same register", () => {
  const profile = { ...zen4, cell: () => zen4.cell(0x808, "read") };
  const now = tree({ read: range(0x811, 0x817), write: [] });
  assert.deepEqual(said("accelerated-left-intercepted", found(tree(NOTHING), now, { profile })), []);
});

test("passing LVTT writes through loses TSC-deadline", () => {
  assert.deepEqual(said("lvtt-write-passed-through", found(tree(NOTHING), tree(writes(0x832)))), [
    "WRMSR of APIC_LVTT is passed through: the CPU delivers #GP without an exit when bit 18, TSC-deadline, is set.",
  ]);
  assert.deepEqual(said("lvtt-write-passed-through", found(tree(NOTHING), tree(reads(0x832)))), []);
  const lvtt = found(tree(NOTHING), tree(writes(0x832))).find(({ rule }) => rule.startsWith("lvtt"));
  assert.equal(lvtt?.severity, "warning");
});

test("a changed outcome that rests on no measurement", () => {
  const unmeasured = found(tree(NOTHING), tree(writes(0x811))).find(({ rule }) => rule === "unmeasured-cell");
  assert.equal(unmeasured?.severity, "info");
  assert.deepEqual(said("unmeasured-cell", found(tree(NOTHING), tree(writes(0x802, 0x811, 0x840)))), [
    "What hardware does on a passed-through WRMSR of APIC_ISR1 is inferred in profile zen4, not measured.",
    "What hardware does on a passed-through WRMSR of APIC_EFEAT is unknown in profile zen4, not measured.",
  ]);
  assert.deepEqual(said("unmeasured-cell", found(tree(writes(0x811)), tree(writes(0x811)))), []);
});

for (const [subject, texts] of [
  [
    "KVM: SVM: Disable x2AVIC RDMSR interception",
    ["The subject of patch 2 names RDMSR alone, and the patch changes WRMSR of APIC_TPR."],
  ],
  [
    "KVM: SVM: Only disable x2AVIC WRMSR interception",
    ["The subject of patch 2 names WRMSR alone, and the patch changes RDMSR of APIC_ID."],
  ],
  ["KVM: SVM: Rework RDMSR and WRMSR interception", []],
  ["KVM: SVM: Rework interception", []],
] as const) {
  test(`subject: ${subject}`, () => {
    const changed = [
      { msr: 0x802, access: "read" },
      { msr: 0x808, access: "write" },
    ] as const;
    const patches = [{ index: 2, subject, changed }];
    const findings = found(tree(NOTHING), tree(NOTHING), { patches });
    assert.deepEqual(
      findings.map(({ rule, severity, text }) => [rule, severity, text]),
      texts.map((text) => ["subject-access-mismatch", "info", text]),
    );
  });
}

test("the posted series causes no warning", () => {
  assert.deepEqual(found(tree(OLD_SET), tree(NEW_SET)), []);
});

test("its reversal is warned about, in a fixed order", () => {
  assert.deepEqual(
    found(tree(NEW_SET), tree(OLD_SET)).map(({ rule, severity, access }) => [rule, severity, access]),
    [
      ["write-not-accelerated", "warning", "write"],
      ["write-not-accelerated", "warning", "write"],
      ["read-faults", "warning", "read"],
      ["accelerated-left-intercepted", "info", "read"],
      ["accelerated-left-intercepted", "info", "write"],
    ],
  );
});

const accesses = fc.uniqueArray(fc.constantFrom(...X2APIC_MSRS), { maxLength: 256 });
const sets = fc.record({ read: accesses, write: accesses });
const scenarioSets = fc.record({ active: sets, deactivated: sets, "not-x2avic": sets });

test("nothing is found where nothing changes, and sentences are one line of ASCII", () => {
  fc.assert(
    fc.property(scenarioSets, scenarioSets, fc.constantFrom(apm, undefined), (one, other, profile) => {
      const more = profile === undefined ? {} : { profile };
      const before = tree(NOTHING, { sets: one });
      assert.deepEqual(found(before, before, more), []);
      for (const { text, msr } of found(before, tree(NOTHING, { sets: other }), more)) {
        assert.match(text, /^[A-Z][\x20-\x7e]*[^.]\.$/);
        assert.match(msr, /^0x8[0-9a-f]{2}$/);
      }
    }),
    { numRuns: 50 },
  );
});
