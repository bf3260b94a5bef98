/** Versions of a two-patch series on the sample kernel; 2/2 names the writes that it passes through. */
import { readFileSync } from "node:fs";
import { packagePath } from "../../src/package-root.ts";
import { makeMails, type Files, type MailPatch } from "../e2e/git-mails.ts";

const AVIC_C = "arch/x86/kvm/svm/avic.c";
/** The kernel that the series applies to. */
export const SAMPLE_TREE = packagePath("demo", "linux");

const CALL = `		svm_set_intercept_for_msr(&svm->vcpu, x2avic_passthrough_msrs[i],
					  MSR_TYPE_RW, intercept);
`;
const LOOP = `	for (i = 0; i < ARRAY_SIZE(x2avic_passthrough_msrs); i++)\n${CALL}`;
const READS = LOOP.replace("MSR_TYPE_RW", "MSR_TYPE_R");
const WRITES = LOOP.replace("MSR_TYPE_RW", "MSR_TYPE_W");

function callFor(register: string): string {
  return `	svm_set_intercept_for_msr(&svm->vcpu, X2APIC_MSR(${register}), MSR_TYPE_W, intercept);\n`;
}

function edited(text: string, find: string, replace: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}

/** Git's ids hold the time of the run, and its dates are all alike: these are the same in every run. */
function inOrder(mail: string, version: number, index: number): string {
  const date = new Date(Date.UTC(2026, 4, 3 + version, 9, 15, index)).toUTCString().replace("GMT", "+0000");
  return mail
    .replace(/^From [0-9a-f]{40} .*\n/, "")
    .replace(/^Message-Id: .*$/m, `Message-Id: <${idOf(version, index)}>`)
    .replace(/^((?:In-Reply-To|References): ).*$/gm, `$1<${idOf(version, 0)}>`)
    .replace(/^Date: .*$/m, `Date: ${date}`);
}

/** Message-ID of a part; 0 is the cover. */
export function idOf(version: number, index: number): string {
  return `2026050${3 + version}.${index}.jane@example.com`;
}

/** A change for `versionMails`: a module parameter decides about EOI. */
export function withParameter(text: string): string {
  const enabled = "static bool x2avic_enabled;\n";
  const parameter = "static bool x2avic_eoi = true;\nmodule_param(x2avic_eoi, bool, 0444);\n";
  const call = callFor("APIC_EOI");
  return edited(edited(text, enabled, enabled + parameter), call, `\tif (x2avic_eoi)\n\t${call}`);
}

const COVER = "KVM: SVM: Fix x2AVIC write interception";

/** The file before, and the two patches to it. */
function twoPatches(
  writes: readonly string[],
  change: (text: string) => string,
): { base: Files; patches: MailPatch[] } {
  const before = readFileSync(`${SAMPLE_TREE}/${AVIC_C}`, "latin1");
  const apart = edited(before, LOOP, `${READS}\n${WRITES}`);
  const single = change(edited(apart, WRITES, writes.map(callFor).join("")));
  const file = (text: string): Files => new Map([[AVIC_C, text]]);
  const patches = [
    { subject: "KVM: SVM: Toggle x2AVIC reads and writes apart", files: file(apart) },
    { subject: "KVM: SVM: Pass through accelerated x2APIC writes only", files: file(single) },
  ];
  return { base: file(before), patches };
}

/** The mails of a version, cover first; the writes are names such as `APIC_EOI`. */
export function versionMails(
  version: number,
  writes: readonly string[],
  change: (text: string) => string = (text) => text,
): string[] {
  const { base, patches } = twoPatches(writes, change);
  const mails = makeMails(base, patches, { cover: COVER, ...(version === 1 ? {} : { version }) });
  return mails.map((mail, index) => inOrder(mail, version, index));
}

/** The mails of a first version of so many patches, of which all but the last two add other files. */
export function wideMails(count: number, writes: readonly string[]): string[] {
  const { base, patches } = twoPatches(writes, (text) => text);
  const notes = Array.from({ length: count - patches.length }, (_, at) => ({
    subject: `KVM: x86: Add note ${at + 1}`,
    files: new Map([[`arch/x86/kvm/note-${at + 1}.txt`, `${at + 1}\n`]]),
  }));
  return makeMails(base, [...notes, ...patches], { cover: COVER }).map((mail, at) => inOrder(mail, 1, at));
}

/** With EOI, as hardware accelerates it, and without. */
export const RIGHT = ["APIC_TASKPRI", "APIC_EOI", "APIC_ICR", "APIC_SELF_IPI"];
export const WITHOUT_EOI = ["APIC_TASKPRI", "APIC_ICR", "APIC_SELF_IPI"];
