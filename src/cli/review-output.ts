/** How a review is printed: the reply as text, the review as JSON, the reply as a mail. */
import { isEvaluated } from "../evaluated-files.ts";
import type { Series } from "../mail/series.ts";
import { outlineDiff } from "../patch/parse.ts";
import { cleanAddress } from "../reply/clean.ts";
import { replyEnvelope } from "../reply/envelope.ts";
import type { ReplyTarget } from "../reply/envelope.ts";
import type { ListRule, Mailbox } from "../reply/recipients.ts";
import { changingPatches, renderReply, renderVerdict } from "../reply/render.ts";
import type { Review } from "../review/types.ts";
import { colourReply } from "./colours.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Io } from "./io.ts";

export const FORMATS = ["text", "json", "mail"] as const;
export type Format = (typeof FORMATS)[number];

/** Prints one review after the other. */
export type ReviewPrinter = (review: Review, series: Series) => void;

interface PrinterOptions {
  readonly io: Io;
  readonly hasSource: boolean;
  readonly from: string | undefined;
}

/** The lists that a reply may go to. */
const LISTS: readonly ListRule[] = [{ address: "kvm@vger.kernel.org", recipients: "author-and-list" }];
const MAX_RECIPIENTS = 20;
const RULE = `${"=".repeat(76)}\n`;

/** The mail a reply answers: the last patch that changes the sets, else the last one there is. */
export function replyTarget(review: Review, series: Series): ReplyTarget | null {
  const last = changingPatches(review).at(-1);
  const patch = series.patches.find(({ index }) => index === last) ?? series.patches.at(-1);
  return patch?.message ?? null;
}

/** What the mails alone tell: which patch touches what, and what it was made on. */
function knownWithoutKernel({ patches, total, baseCommit }: Series): string[] {
  const lines = patches.map(({ index, message }) => {
    const { paths } = outlineDiff(message.patchText);
    const own = paths.filter(isEvaluated).map((path) => path.split("/").at(-1));
    return own.length === 0 ? null : `  ${index}/${total} ${own.join(", ")}`;
  });
  return [
    "What may decide about interception, by patch:",
    ...lines.filter((line) => line !== null),
    ...(baseCommit === null ? [] : ["", `The series is based on ${baseCommit}.`]),
    "",
  ];
}

function advice(review: Review, series: Series, hasSource: boolean): string[] {
  if (review.verdict !== "undetermined") return [];
  if (!hasSource) {
    return [
      ...knownWithoutKernel(series),
      "To review it, give the kernel source that it applies to:",
      "  --git REPO   a clone of linux; the base is found in it",
      "  --tree DIR   the source as a directory",
      "or start avicbot inside a clone, or set AVICBOT_KERNEL_GIT.",
    ];
  }
  return review.base === null
    ? ["Fetch the tree that the series is based on, or name it with --base REV."]
    : [];
}

function textPrinter({ io, hasSource }: PrinterOptions): ReviewPrinter {
  let first = true;
  return (review, series) => {
    const target = replyTarget(review, series);
    const text =
      review.verdict === "changed" && target !== null
        ? renderReply(review, target)
        : renderVerdict(review, advice(review, series, hasSource));
    io.out(`${first ? "" : `\n${RULE}\n`}${colourReply(text, io.colours)}`);
    first = false;
  };
}

function jsonPrinter({ io }: PrinterOptions): ReviewPrinter {
  return (review) => io.out(`${JSON.stringify(review)}\n`);
}

function sender(from = "avicbot@localhost"): Mailbox {
  const address = cleanAddress(from);
  if (address === null)
    throw new CliError(`'${from}' is no plain address such as avicbot@example.com`, EXIT.usage);
  return { name: "avicbot", address };
}

/** Why a review gives no mail, or null when it does. */
function noMail(review: Review): string | null {
  if (review.verdict !== "changed")
    return review.reason === null ? review.verdict : `${review.verdict}: ${review.reason}`;
  const critical = review.findings.some(({ severity }) => severity === "critical");
  return critical ? "a critical finding is not for a list; --format text shows it" : null;
}

async function mailPrinter({ io, from }: PrinterOptions): Promise<ReviewPrinter> {
  const { composeMail } = await import("../reply/mail.ts");
  const own = sender(from);
  const options = {
    from: own,
    lists: LISTS,
    silent: [own.address.toLowerCase()],
    limit: MAX_RECIPIENTS,
  };
  const compose = (review: Review, target: ReplyTarget): { mail: string } | { reason: string } => {
    const result = replyEnvelope(review, target, options);
    return result.ok ? { mail: composeMail(result.envelope, renderReply(review, target)) } : result;
  };
  let first = true;
  return (review, series) => {
    const target = replyTarget(review, series);
    const reason = noMail(review) ?? (target === null ? "there is no mail to answer" : null);
    const result = reason === null && target !== null ? compose(review, target) : { reason: reason ?? "" };
    if ("reason" in result) {
      io.err(`avicbot: no mail for '${review.series.subject}': ${result.reason}\n`);
      return;
    }
    io.out(`${first ? "" : "\n"}${result.mail}`);
    first = false;
  };
}

/** The printer of a format; what only one format needs is loaded for that one only. */
export async function reviewPrinter(format: Format, options: PrinterOptions): Promise<ReviewPrinter> {
  switch (format) {
    case "text":
      return textPrinter(options);
    case "json":
      return jsonPrinter(options);
    case "mail":
      return mailPrinter(options);
  }
}
