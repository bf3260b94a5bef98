/** The command line that repeats a review; whatever came by mail stands in it only when no shell reads more into it. */
import type { Review } from "../review/types.ts";

/** Characters that mean nothing to a shell, and no option. */
function isPlainWord(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.,+=@:%/-]{0,250}$/.test(text);
}

function sourceOptions(review: Review): string {
  const { base } = review;
  if (base === null) return " --git linux";
  if (base.how === "tree" || base.revision === "tree") return " --tree linux";
  return isPlainWord(base.revision) ? ` --git linux --base ${base.revision}` : " --git linux";
}

/** `b4 mbox -o - ID | avicbot review --git linux --base REV -`. */
export function reproduceCommand(review: Review): string {
  const profile = review.profile === "zen4" ? "" : ` --profile ${review.profile}`;
  const id = review.series.messageId;
  const options = `${sourceOptions(review)}${profile}`;
  if (id === null || !isPlainWord(id)) return `avicbot review${options} thread.mbox`;
  return `b4 mbox -o - ${id} |\n    avicbot review${options} -`;
}
