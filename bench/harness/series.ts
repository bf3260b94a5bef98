/** Series that nobody has seen before: each by another author, with code that no other has. */
import { makeMails } from "../../test/e2e/git-mails.ts";
import { postedSeries } from "../../test/e2e/posted-series.ts";
import type { Tree } from "../../test/interception/kernels.ts";

/** Words of a comment that the first patch adds. */
const COMMENT = "Called when AVIC goes on or off";

/** The first few patches of the posted series as mails; `seriesMails` makes others of them. */
export function templateSeries(tree: Tree, patches: number, cover: boolean): string[] {
  const posted = postedSeries(tree);
  const options = cover ? { cover: "KVM: SVM: Fix x2AVIC MSR interception" } : {};
  return makeMails(posted.before, posted.patches.slice(0, patches), options);
}

export function seriesMails(template: readonly string[], number: number): string[] {
  const tag = String(number).padStart(4, "0");
  return template.map((mail) =>
    mail
      .replace(/^From [0-9a-f]{40} .*\n/, "")
      .replaceAll(/<([0-9a-f]{40}|cover)\./g, `<${tag}.$1.`)
      .replaceAll("jane@", `jane${tag}@`)
      .replaceAll(COMMENT, `Called in series ${tag} on or off`),
  );
}
