/** `/r/ID/explain?msr=0x80a&access=write`: why a cell is what it is. */
import type { FastifyRequest } from "fastify";
import { INSTRUCTION } from "../../model/phrase.ts";
import type { AskedSeries } from "../../queue/asked.ts";
import { cleanCode, cleanLine } from "../../reply/clean.ts";
import { explainAccess, type ExplainedSide, type Explanation } from "../../review/explain.ts";
import type { QuotedLine } from "../../review/grounds.ts";
import type { Review } from "../../review/types.ts";
import { msrLabel, type Access } from "../../x2apic.ts";
import { HttpProblem } from "../problem.ts";
import type { WebContext } from "../web-context.ts";
import { renderPage } from "./engine.ts";
import { shownReview, tableQuery, type TableParameters } from "./review.ts";
import { tableSearch } from "./table-view.ts";

export interface ExplainParameters extends TableParameters {
  readonly msr: number;
  readonly access: Access;
}

/** Throws 404 when nothing is kept to explain it from. */
export async function explanationOf(
  web: WebContext,
  asked: AskedSeries,
  { review, parameters }: { review: Review; parameters: ExplainParameters },
): Promise<Explanation> {
  const shown = await shownReview(web, asked, { review, query: tableQuery(review, parameters) });
  const { grounds } = shown;
  const found = grounds === null ? null : explainAccess({ ...shown, grounds }, parameters);
  if (found !== null) return found;
  const why =
    review.sets === null
      ? `the review is ${review.verdict}`
      : "this review keeps no code; retry makes it anew";
  throw new HttpProblem(404, `There is nothing to explain: ${why}.`);
}

function lineView(line: QuotedLine) {
  return {
    place: `${cleanLine(line.file, 200)}:${line.line}`,
    function: line.function === null ? null : cleanLine(line.function, 100),
    code: line.text === null ? "" : cleanCode(line.text, 200),
  };
}

const ANSWERS = {
  evaluated: "evaluated from the tree's code",
  documented: "documented; the code of this tree does not settle it",
  posted: "as Linux 6.12 and later answer",
} as const;

/** The stages that matter: hardware only when passed through, KVM's answer where KVM emulates. */
function sideView(side: ExplainedSide) {
  const { passed, decidedAt, chain, hardware, answer } = side;
  return {
    code: side.code,
    evidence: side.evidence,
    passed,
    decided: decidedAt === null ? null : lineView(decidedAt),
    chain: chain.map(lineView),
    hardware: passed ? hardware : null,
    answer:
      !passed || side.code.startsWith("UAA(f)")
        ? {
            guest: answer.guest,
            source: ANSWERS[answer.from],
            at: answer.at === null ? null : lineView(answer.at),
          }
        : null,
  };
}

export async function explainPage(
  web: WebContext,
  request: FastifyRequest,
  { asked, review, parameters }: { asked: AskedSeries; review: Review; parameters: ExplainParameters },
): Promise<string> {
  const found = await explanationOf(web, asked, { review, parameters });
  const { path, ...query } = await shownReview(web, asked, { review, query: tableQuery(review, parameters) });
  const headline = `${INSTRUCTION[found.access]} of ${msrLabel(Number(found.msr))} ${found.register}`;
  const view = {
    headline,
    series: cleanLine(found.series, 300),
    back: `${path}${tableSearch(review, query)}`,
    profile: found.profile,
    when: found.when === null ? null : cleanLine(found.when, 200),
    changed: found.old.code !== found.new.code,
    sides: [
      { name: "Current", ...sideView(found.old) },
      { name: "New", ...sideView(found.new) },
    ],
    by: found.by.map(({ index, subject }) => ({ index, subject: cleanLine(subject, 200) })),
  };
  return renderPage(web, request, { title: `${headline} - avicbot`, name: "explain", view });
}
