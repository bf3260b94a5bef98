/** A mail of each form of the reply, made from reviews of the sample kernel. */
import { openDirectory } from "../../src/kernel/directory.ts";
import { parseMessage, type Message } from "../../src/mail/message.ts";
import { assembleSeries } from "../../src/mail/series.ts";
import { replyEnvelope, type EnvelopeOptions } from "../../src/reply/envelope.ts";
import { composeMail } from "../../src/reply/mail.ts";
import type { ReplyForm } from "../../src/reply/news.ts";
import { changingPatches, renderReply } from "../../src/reply/render.ts";
import { readTable } from "../../src/reply/shown.ts";
import { sealReview } from "../../src/review/digest.ts";
import { reviewSeries } from "../../src/review/review.ts";
import type { Review } from "../../src/review/types.ts";
import { sampleOptions } from "./target.ts";
import { RIGHT, SAMPLE_TREE, versionMails, withParameter, WITHOUT_EOI } from "./versions.ts";

interface Reviewed {
  readonly mails: readonly string[];
  readonly review: Review;
  readonly target: Message;
}

async function reviewed(mails: readonly string[]): Promise<Reviewed> {
  const { series } = assembleSeries(mails.map((mail) => parseMessage(Buffer.from(mail, "latin1"))));
  const [one] = series;
  if (one === undefined) throw new Error("no series");
  const source = await openDirectory(SAMPLE_TREE);
  try {
    const review = await reviewSeries(one, source);
    const last = changingPatches(review).at(-1);
    const target = one.patches.find(({ index }) => index === last)?.message;
    if (target === undefined) throw new Error(`${review.verdict}: ${review.reason ?? "no patch changes it"}`);
    return { mails, review, target };
  } finally {
    await source.close();
  }
}

function mailOf({ review, target }: Reviewed, form: ReplyForm = {}, corrects?: Message): string {
  const options: EnvelopeOptions = sampleOptions(corrects === undefined ? {} : { corrects });
  const made = replyEnvelope(review, target, options);
  if (!made.ok) throw new Error(made.reason);
  return composeMail(made.envelope, renderReply(review, corrects ?? target, form));
}

/** What a model would have said that took EOI for a register without acceleration. */
function withWrongCell(review: Review): Review {
  const rows = review.rows.map((row) =>
    row.label === "0x80B" ? { ...row, write: { ...row.write, old: "UAA(t)", new: "UAA(t)" } } : row,
  );
  const finding = { severity: "warning", rule: "not-accelerated", msr: "0x80b", access: "write" } as const;
  const text = "WRMSR of APIC_EOI is passed through but not accelerated.";
  return sealReview({ ...review, rows, findings: [{ ...finding, text }] });
}

export interface FormMail {
  readonly name: "common" | "conditions" | "delta" | "correction";
  /** The mails before it in its thread, oldest first, as byte strings. */
  readonly thread: readonly string[];
  readonly mail: string;
}

export async function formMails(): Promise<FormMail[]> {
  const first = await reviewed(versionMails(1, WITHOUT_EOI));
  const second = await reviewed(versionMails(2, RIGHT));
  const optional = await reviewed(versionMails(3, RIGHT, withParameter));
  const common = mailOf(first);
  const former = { version: 1, rows: readTable(common) };
  const wrong = mailOf({ ...second, review: withWrongCell(second.review) });
  const sent = parseMessage(Buffer.from(wrong));
  const corrected = {
    rows: readTable(wrong),
    withdrawn: ["WRMSR of APIC_EOI is passed through but not accelerated."],
  };
  return [
    { name: "common", thread: first.mails, mail: common },
    { name: "conditions", thread: optional.mails, mail: mailOf(optional) },
    { name: "delta", thread: second.mails, mail: mailOf(second, { former }) },
    { name: "correction", thread: [...second.mails, wrong], mail: mailOf(second, { corrected }, sent) },
  ];
}
