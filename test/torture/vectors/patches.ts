/** Patches of the sample kernel's avic.c, made by git, for the vectors to damage. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packagePath } from "../../../src/package-root.ts";
import { makeMails } from "../../e2e/git-mails.ts";

export const AVIC = "arch/x86/kvm/svm/avic.c";
/** A line of the function that decides. */
export const CALL = "if (intercept == svm->x2avic_msrs_intercepted)";

export const LAPIC = "arch/x86/kvm/lapic.c";

/** A patch mail of avic.c or another file of the sample kernel, with its blob ids. */
export function patchOf(change: (text: string) => string, file = AVIC): string {
  const before = readFileSync(join(packagePath("demo", "linux"), file), "latin1");
  const files = new Map([[file, change(before)]]);
  const [mail = ""] = makeMails(new Map([[file, before]]), [{ subject: "KVM: SVM: Tidy", files }]);
  return mail;
}

/** Code put before the call that decides. */
export function codeInBody(code: string): string {
  return patchOf((text) => text.replace(CALL, `${code}\n\n\t${CALL}`));
}

/** Code put at the top of the file. */
export function codeOnTop(code: string): string {
  return patchOf((text) => `${code}\n${text}`);
}

/** A patch that changes the result: reads stay passed through, writes are intercepted. */
export const changing = (): string =>
  patchOf((text) => {
    const changed = text.replace("MSR_TYPE_RW, intercept", "MSR_TYPE_R, intercept");
    if (changed === text) throw new Error("the sample kernel has no MSR_TYPE_RW to change");
    return changed;
  });

/** The mail with its first line, git's own, left out, and something done to its body. */
export function withBody(mail: string, change: (body: string) => string): string {
  const at = mail.indexOf("\n\n") + 2;
  return mail.slice(0, at) + change(mail.slice(at));
}
