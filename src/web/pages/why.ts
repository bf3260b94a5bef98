/** `/r/ID/why`: every decision taken about a message. */
import type { FastifyRequest } from "fastify";
import type { Trace } from "../../queue/trace.ts";
import { cleanLine } from "../../reply/clean.ts";
import type { Step } from "../../store/decisions.ts";
import { pagePath } from "../paths.ts";
import type { WebContext } from "../web-context.ts";
import { renderPage } from "./engine.ts";
import { loreLink, minuteOf, shownId } from "./words.ts";

const OUTCOMES = { passed: "passed", stopped: "stopped here", noted: "noted" } as const;

function stepView({ at, stage, rule, outcome, text }: Step) {
  return {
    at,
    minute: minuteOf(at),
    stage,
    rule: cleanLine(rule, 60),
    outcome: OUTCOMES[outcome],
    text: cleanLine(text, 600),
  };
}

export function whyPage(web: WebContext, request: FastifyRequest, trace: Trace): string {
  const { messageId, series } = trace;
  const view = {
    id: shownId(messageId ?? "(no id)"),
    lore: messageId === null ? null : loreLink(messageId),
    lists: trace.lists.map((list) => cleanLine(list, 100)),
    steps: trace.steps.map(stepView),
    series:
      series === null
        ? null
        : {
            href: pagePath(series.id),
            id: shownId(series.id),
            version: series.version,
            state: series.state,
            closed: cleanLine(series.closed ?? "", 400),
            steps: series.steps.map(stepView),
          },
  };
  return renderPage(web, request, { title: `Why: ${view.id.slice(0, 100)} - avicbot`, name: "why", view });
}
