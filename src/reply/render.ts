/** The text of the reply, and what is said where no reply is due. */
import type { Review } from "../review/types.ts";
import { cleanCode, cleanLine } from "./clean.ts";
import type { ReplyTarget } from "./envelope.ts";
import { newsIn, quoteRows, type ReplyForm } from "./news.ts";
import { quotePatch } from "./quote.ts";
import { reproduceCommand } from "./reproduce.ts";
import {
  answerSentences,
  baseSentence,
  conditionSentence,
  missingSentence,
  patchName,
  patchSentences,
} from "./sentences.ts";
import { renderEvidence, renderLegend, renderTable } from "./table.ts";
import { renderTemplate } from "./template.ts";
import { wrap, wrapItem } from "./wrap.ts";

function mailDate(iso: string | null): string {
  const date = new Date(iso ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? "an unknown date" : date.toUTCString().replace("GMT", "+0000");
}

/** Indices of the patches that change a set or an answer, ascending. */
export function changingPatches(review: Review): number[] {
  return review.series.patches.filter(({ changesSets }) => changesSets).map(({ index }) => index);
}

function columnsSentence(review: Review): string {
  const last = changingPatches(review).at(-1) ?? review.series.patches.at(-1)?.index ?? 0;
  const after = review.series.total <= 1 ? "the patch" : `the series up to patch ${patchName(review, last)}`;
  return `Guest with x2AVIC active; Current: the base, New: ${after}.`;
}

/**
 * The body of the mail that answers `target`: the last patch that changes the sets, or, for a correction, the
 * reply that was sent.
 */
export function renderReply(review: Review, target: ReplyTarget, form: ReplyForm = {}): string {
  const { corrected = null } = form;
  const news = newsIn(review, form);
  return renderTemplate("reply", {
    date: mailDate(target.date),
    author: cleanLine(target.from?.name || target.from?.address || review.series.author.name, 100),
    quote:
      corrected === null
        ? quotePatch(target.patchText)
        : quoteRows(target.patchText, review, corrected).map((line) => cleanCode(line)),
    news: news.text,
    what: wrap([columnsSentence(review), baseSentence(review), missingSentence(review)].join(" ").trimEnd()),
    table: renderTable(review.rows),
    legend: renderLegend(review.rows, news.codes),
    evidence: wrap(renderEvidence(review.rows, review.profile).trimEnd()),
    conditions: review.conditions.map((way) => wrapItem(conditionSentence(review, way))),
    answers: answerSentences(review).map((text) => wrapItem(text)),
    findings: review.findings.map(({ severity, text }) => wrapItem(`${severity}: ${text}`)),
    exits: review.exits.map((text) => wrapItem(text)),
    patches: patchSentences(review).map((text) => wrapItem(text)),
    reproduce: reproduceCommand(review),
  });
}

const VERDICTS: Readonly<Record<Review["verdict"], string>> = {
  changed: "Changed",
  unchanged: "Unchanged: no x2APIC MSR access of a guest leads to anything else than before.",
  undetermined: "Undetermined",
  "not-applicable": "Not applicable",
};

/** A few lines for a review that gets no reply: what is known, and what to do to know more. */
export function renderVerdict(review: Review, advice: readonly string[] = []): string {
  const { series, verdict, reason } = review;
  const facts = [
    ...(review.base === null ? [] : [wrap(baseSentence(review))]),
    ...(series.missing.length === 0 ? [] : [wrap(missingSentence(review))]),
    ...review.findings.map(({ severity, text }) => wrapItem(`${severity}: ${text}`)),
  ];
  return renderTemplate("verdict", {
    title: cleanLine(series.subject),
    byline: `${cleanLine(series.author.name || series.author.address, 100)}, ${mailDate(series.date)}`,
    verdict: wrap(reason === null ? VERDICTS[verdict] : `${VERDICTS[verdict]}: ${cleanLine(reason, 600)}`),
    facts,
    advice,
  });
}
