import { test } from "node:test";
import assert from "node:assert/strict";
import { type SubjectTag, parseSubject } from "../../src/mail/subject.ts";

const PLAIN: SubjectTag = {
  isPatch: true,
  isReply: false,
  rfc: false,
  resend: false,
  version: 1,
  index: null,
  total: null,
  prefixes: [],
  stable: null,
  foreign: null,
  pull: false,
  title: "t",
};

const CASES: [string, Partial<SubjectTag>][] = [
  ["[PATCH] t", {}],
  ["[PATCH v3 2/5] t", { version: 3, index: 2, total: 5 }],
  ["[PATCH] x86: [RFC] t", { title: "x86: [RFC] t" }],
  ["[PATCHv3] t", { version: 3 }],
  ["[PATCHv3 2/5] t", { version: 3, index: 2, total: 5 }],
  ["[PATCH V2 1/1]t", { version: 2, index: 1, total: 1 }],
  ["[RFC PATCH 0/3] t", { rfc: true, index: 0, total: 3 }],
  ["[RFC] t", { rfc: true }],
  ["[net-next v2] t", { prefixes: ["net-next"], version: 2 }],
  ["[RFCv2 1/2] t", { rfc: true, version: 2, index: 1, total: 2 }],
  ["[PATCH RFC v2 03/12] t", { rfc: true, version: 2, index: 3, total: 12 }],
  ["[PATCH6/5] t", { index: 6, total: 5 }],
  ["[PATCH 1 of 3] t", { index: 1, total: 3 }],
  ["[PATCH,v2,1/2] t", { version: 2, index: 1, total: 2 }],
  ["[PATCH v2, 1/2; RESEND] t", { version: 2, index: 1, total: 2, resend: true }],
  ["[PATCH RESEND] t", { resend: true }],
  ["[RESEND PATCH v4 1/2] t", { resend: true, version: 4, index: 1, total: 2 }],
  ["[PATCH [RFC] 1/2] t", { rfc: true, index: 1, total: 2 }],
  ["[[PATCH 1/2]] t", { index: 1, total: 2 }],
  ["[[PATCH 1/2] t", { index: 1, total: 2 }],
  ["[PATCH 1/2][RFC] t", { rfc: true, index: 1, total: 2 }],
  ["[kvm] [PATCH 1/2] t", { prefixes: ["kvm"], index: 1, total: 2 }],
  ["[kvm-unit-tests PATCH v2] t", { prefixes: ["kvm-unit-tests"], foreign: "kvm-unit-tests", version: 2 }],
  ["[PATCH kvmtool 1/2] t", { prefixes: ["kvmtool"], foreign: "kvmtool", index: 1, total: 2 }],
  ["[Qemu-devel] [PATCH] t", { prefixes: ["Qemu-devel"], foreign: "qemu-devel" }],
  ["[PATCH 6.1 012/345] t", { prefixes: ["6.1"], stable: "6.1", index: 12, total: 345 }],
  ["[PATCH 6.1.y 1/2] t", { prefixes: ["6.1.y"], stable: "6.1", index: 1, total: 2 }],
  ["[PATCH 5.15-stable] t", { prefixes: ["5.15-stable"], stable: "5.15" }],
  ["[PATCH AUTOSEL 6.1 1/9] t", { prefixes: ["AUTOSEL", "6.1"], stable: "6.1", index: 1, total: 9 }],
  ["[PATCH AUTOSEL 6.17-5.15] t", { prefixes: ["AUTOSEL", "6.17-5.15"], stable: "6.17" }],
  ["[GIT PULL] t", { isPatch: false, pull: true, prefixes: ["GIT", "PULL"] }],
  ["[PULL 3/4] t", { pull: true, prefixes: ["PULL"], index: 3, total: 4 }],
  ["[PATCH] [media] t", { prefixes: ["media"] }],
  ["Re: [PATCH v2 1/2] t", { isReply: true, version: 2, index: 1, total: 2 }],
  ["RE: Fwd: AW: [PATCH] t", { isReply: true }],
  ["Re[2]: [PATCH] t", { isReply: true }],
  ["回复: [PATCH] t", { isReply: true }],
  ["回复：[PATCH] t", { isReply: true }],
  ["Vá: [PATCH] t", { isReply: true }],
  ["[kvm] Re: [PATCH] t", { isReply: true, prefixes: ["kvm"] }],
  ["Re: t", { isPatch: false, isReply: true }],
  ["t", { isPatch: false }],
  ["[BUG] t", { isPatch: false, prefixes: ["BUG"] }],
  ["reproducer: t", { isPatch: false, title: "reproducer: t" }],
  ["[PATCH 1/2 t", { isPatch: false, title: "[PATCH 1/2 t" }],
  ["[PATCH v99999999999999999999 1/0] t", { prefixes: ["v99999999999999999999", "1/0"] }],
  ["[PATCH 0/999999999] t", { prefixes: ["0/999999999"] }],
  ["[PATCH -1/-5] t", { prefixes: ["-1/-5"] }],
  ["[PATCH 7/3] t", { index: 7, total: 3 }],
  ["[PATCH 1/1000] t", { prefixes: ["1/1000"] }],
  ["[PATCH ١/٢] t", { prefixes: ["١/٢"] }],
  ["[РАТСН 1/2] t", { prefixes: ["РАТСН"], index: 1, total: 2 }],
  ["", { isPatch: false, title: "" }],
  ["[]", { isPatch: false, title: "" }],
  ["  [PATCH\t1/2]\n  t  ", { index: 1, total: 2 }],
];

for (const [subject, expected] of CASES) {
  test(`subject ${JSON.stringify(subject)}`, () => {
    assert.deepEqual(parseSubject(subject), { ...PLAIN, ...expected });
  });
}

test("hostile subjects end quickly and stand alone", () => {
  assert.equal(parseSubject(`${"Re: ".repeat(1e5)}[PATCH 1/2] t`).isReply, true);
  assert.equal(parseSubject("[".repeat(5e4)).isPatch, false);
  assert.equal(parseSubject(`${"[".repeat(5e4)}PATCH${"]".repeat(5e4)}`).isPatch, false);
  assert.equal(parseSubject("[PATCH]".repeat(1e4)).isPatch, true);
});
