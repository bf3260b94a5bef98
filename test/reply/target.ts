import type { EnvelopeOptions, ReplyTarget } from "../../src/reply/envelope.ts";

/** avicbot for the KVM list, with parts replaced. */
export function sampleOptions(parts: Partial<EnvelopeOptions> = {}): EnvelopeOptions {
  return {
    from: { name: "avicbot", address: "avicbot@bots.example.net" },
    lists: [{ address: "kvm@vger.kernel.org", recipients: "author-and-list" }],
    silent: ["avicbot@bots.example.net"],
    limit: 20,
    ...parts,
  };
}

const patchText = [
  "Only accelerated writes need no exit.",
  "",
  "---",
  " arch/x86/kvm/svm/avic.c | 4 ++--",
  "",
  "diff --git a/arch/x86/kvm/svm/avic.c b/arch/x86/kvm/svm/avic.c",
  "index 1111111..2222222 100644",
  "--- a/arch/x86/kvm/svm/avic.c",
  "+++ b/arch/x86/kvm/svm/avic.c",
  "@@ -1,3 +1,3 @@ static void other(void)",
  " {",
  "-\tint a;",
  "+\tint b;",
  " }",
  "@@ -20,4 +20,4 @@ static void set_interception(struct vcpu *vcpu)",
  " {",
  "-\tset_intercept(vcpu, APIC_TASKPRI, MSR_TYPE_RW);",
  "+\tset_intercept(vcpu, APIC_TASKPRI, MSR_TYPE_R);",
  " }",
  "-- ",
  "2.51.0",
  "",
].join("\n");

/** The mail of patch 2/2 of `sampleReview()`, with parts replaced. */
export function sampleTarget(parts: Partial<ReplyTarget> = {}): ReplyTarget {
  return {
    messageId: "20260504091500.1-3-jane@example.com",
    subject: "[PATCH v2 2/2] KVM: SVM: Pass through WRMSR of accelerated x2APIC registers only",
    from: { name: "Jane Doe", address: "jane@example.com" },
    replyTo: [],
    followupTo: [],
    to: [{ name: "A Maintainer", address: "maintainer@example.org" }],
    cc: [
      { name: "", address: "kvm@vger.kernel.org" },
      { name: "", address: "linux-kernel@vger.kernel.org" },
    ],
    lists: ["kvm.vger.kernel.org"],
    references: ["20260504091500.1-1-jane@example.com"],
    inReplyTo: ["20260504091500.1-1-jane@example.com"],
    date: "2026-05-04T09:15:02.000Z",
    patchText,
    ...parts,
  };
}
