import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { programOf } from "../../src/interception/evaluate.ts";
import { startsIntercepted } from "../../src/interception/initial-state.ts";
import { treeOf } from "./tiny.ts";

const created = (body: string) =>
  `static int svm_vcpu_create(struct kvm_vcpu *vcpu)\n{\n${body}\nreturn 0;\n}`;

describe("whether a new vCPU takes its MSRs for intercepted", () => {
  for (const [text, expected] of [
    ["", true],
    [created(""), false],
    [created("svm->x2avic_msrs_intercepted = true;"), true],
    [created("svm->x2avic_msrs_intercepted = 1;"), true],
    [created("svm->x2avic_msrs_intercepted = false;"), false],
    [created("svm->x2avic_msrs_intercepted = 0;"), false],
    [created("if (svm->x2avic_msrs_intercepted) f(0); svm->x2avic_msrs_intercepted = true;"), true],
    [created("svm->other = true;"), false],
    [created("if (svm->x2avic_msrs_intercepted) f(1);"), false],
  ] as const) {
    it(`${JSON.stringify(text)}: ${expected}`, () => {
      const program = programOf(treeOf({ "arch/x86/kvm/svm/svm.c": text }), []);
      assert.equal(startsIntercepted(program), expected);
    });
  }
});
