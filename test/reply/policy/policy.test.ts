import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mode, PolicyAction, PolicyFacts } from "../../../src/reply/policy/facts.ts";
import { criticalFindings, decideReply, strictestMode } from "../../../src/reply/policy/policy.ts";
import { sampleReview } from "../../review/sample.ts";
import { sampleFacts } from "./facts.ts";

const base = sampleFacts();
const series = (parts: Partial<PolicyFacts["series"]>) => ({ series: { ...base.series, ...parts } });
const parent = (parts: Partial<PolicyFacts["parent"]>) => ({ parent: { ...base.parent, ...parts } });
const sent = (parts: Partial<PolicyFacts["sent"]>) => ({ sent: { ...base.sent, ...parts } });

/** What is different, the decision, the rule that made it, and the decision once a person approved. */
const cases: [string, Partial<PolicyFacts>, PolicyAction, string, PolicyAction][] = [
  ["nothing against it", {}, "send", "send", "send"],
  ["unchanged", { verdict: "unchanged" }, "none", "verdict", "none"],
  ["undetermined", { verdict: "undetermined", verdictReason: "no base" }, "none", "verdict", "none"],
  ["not applicable", { verdict: "not-applicable" }, "none", "verdict", "none"],
  ["sent by a machine", parent({ automatic: "sent by a bot" }), "none", "automatic", "none"],
  ["an answer with a diff", parent({ isReply: true }), "none", "quoted-diff", "none"],
  ["a stable copy", series({ stable: "6.1" }), "none", "stable", "none"],
  [
    "a newer version came",
    series({ closed: { state: "superseded", reason: "v3 takes its place" } }),
    "none",
    "closed",
    "none",
  ],
  ["it was merged", series({ closed: { state: "merged", reason: "in kvm/next" } }), "none", "closed", "none"],
  ["somebody else's list", { lists: [] }, "none", "list", "none"],
  ["muted thread", { muted: { threadBy: "a@example.com", author: false } }, "none", "muted-thread", "none"],
  ["muted author", { muted: { threadBy: null, author: true } }, "none", "muted-author", "none"],
  ["answered before", { answered: true }, "none", "answered", "none"],
  ["no id to answer", parent({ answerable: false }), "none", "answerable", "none"],
  ["critical", { critical: ["the guest writes 0x830"] }, "moderators", "critical", "moderators"],
  ["critical in dry-run", { critical: ["x"], mode: "dry-run" }, "moderators", "critical", "moderators"],
  ["same table as v1", { former: { version: 1, sameRows: true } }, "none", "same-rows", "none"],
  ["other table than v1", { former: { version: 1, sameRows: false } }, "send", "send", "send"],
  ["dry-run", { mode: "dry-run" }, "record", "dry-run", "record"],
  ["hold", { mode: "hold" }, "hold", "mode", "send"],
  ["from an archive's past", series({ live: false }), "hold", "back-fill", "send"],
  ["a week and a day old", series({ ageDays: 8 }), "hold", "late", "send"],
  ["exactly a week old", series({ ageDays: 7 }), "send", "send", "send"],
  ["without a date", series({ ageDays: null }), "hold", "late", "send"],
  ["third reply in the thread", sent({ inThread: 2 }), "send", "send", "send"],
  ["fourth reply in the thread", sent({ inThread: 3 }), "hold", "thread-limit", "send"],
  ["too many today", sent({ today: 50 }), "hold", "day-limit", "send"],
  ["too many on the list", sent({ onListToday: 30 }), "hold", "list-limit", "send"],
  ["parts are missing", series({ missing: [3] }), "send", "send", "send"],
];

for (const [name, parts, action, rule, approved] of cases) {
  test(`${name}: ${action}, and ${approved} when approved`, () => {
    const decision = decideReply(sampleFacts(parts));
    assert.deepEqual([decision.action, decision.rule], [action, rule]);
    assert.equal(decision.trace.at(-1)?.text, decision.reason);
    assert.equal(decideReply(sampleFacts({ ...parts, approvedBy: "pat@example.org" })).action, approved);
  });
}

/** What is different, and what becomes of a correction before and after a person approved it. */
const corrections: [string, Partial<PolicyFacts>, PolicyAction, PolicyAction][] = [
  ["nothing against it", {}, "hold", "send"],
  ["a reply that should not have been", { verdict: "unchanged" }, "hold", "send"],
  ["a newer version came", series({ closed: { state: "superseded", reason: "v3" } }), "hold", "send"],
  ["the table of a former version", { former: { version: 1, sameRows: true } }, "hold", "send"],
  ["muted thread", { muted: { threadBy: "a@example.com", author: false } }, "none", "none"],
  ["critical today", { critical: ["the guest writes 0x830"] }, "moderators", "moderators"],
  ["dry-run", { mode: "dry-run" }, "record", "record"],
  ["many replies in the thread", sent({ inThread: 9 }), "hold", "send"],
];
for (const [name, parts, action, approved] of corrections) {
  test(`a correction, ${name}: ${action}, and ${approved} when approved`, () => {
    const facts = sampleFacts({ ...parts, kind: "correction" });
    assert.equal(decideReply(facts).action, action);
    assert.equal(decideReply({ ...facts, approvedBy: "pat@example.org" }).action, approved);
  });
}

test("the trace names every rule that was asked, the deciding one last", () => {
  const { trace } = decideReply(sampleFacts({ ...series({ stable: "6.1", missing: [2] }) }));
  assert.deepEqual(
    trace.map(({ rule, outcome }) => `${rule} ${outcome}`),
    ["missing-parts noted", "verdict passed", "automatic passed", "quoted-diff passed", "stable stopped"],
  );
});

test("an objection that no person may overrule stands before those that one may", () => {
  const facts = sampleFacts({ mode: "hold", ...series({ closed: { state: "superseded", reason: "v3" } }) });
  assert.equal(decideReply(facts).rule, "closed");
});

const modes: [Mode, (Mode | undefined)[], Mode][] = [
  ["auto", [], "auto"],
  ["auto", [undefined], "auto"],
  ["auto", ["hold", undefined], "hold"],
  ["hold", ["auto"], "hold"],
  ["auto", ["auto", "dry-run"], "dry-run"],
  ["dry-run", ["auto"], "dry-run"],
];
for (const [general, lists, expected] of modes) {
  test(`mode ${general} with lists ${JSON.stringify(lists)} is ${expected}`, () => {
    assert.equal(strictestMode(general, lists), expected);
  });
}

test("critical findings are told apart from others", () => {
  const finding = { rule: "r", msr: "0x830", access: "write" as const };
  const review = sampleReview({
    findings: [
      { ...finding, severity: "warning", text: "w" },
      { ...finding, severity: "critical", text: "c" },
    ],
  });
  assert.deepEqual(criticalFindings(review), ["c"]);
});
