/** Acting by API: with a bearer token alone, so that no page of another site can make a browser do it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { describeSeries } from "../../store/describe.ts";
import { ACTS, act, type Act, type Order } from "../acts.ts";
import { requireOperator } from "../auth.ts";
import { HttpProblem, problemSchema } from "../problem.ts";
import type { WebContext } from "../web-context.ts";
import { idParams, listedSeriesSchema, recipientsBody } from "./schemas.ts";

const SUMMARIES: Readonly<Record<Act, string>> = {
  approve: "Let a held reply go out",
  hold: "Keep a reply back until it is approved",
  ignore: "Give a series up and drop its reply",
  retry: "Review a series again",
};

interface ById {
  readonly Params: { readonly messageId: string };
}

const common = {
  tags: ["act"],
  security: [{ token: [] }],
  params: idParams,
  response: {
    200: listedSeriesSchema,
    400: problemSchema,
    401: problemSchema,
    403: problemSchema,
    404: problemSchema,
    409: problemSchema,
    429: problemSchema,
  },
};

export function actRoutes(web: WebContext) {
  const perform = async (request: FastifyRequest<ById>, order: Order) => {
    const operator = requireOperator(web, request);
    if (operator.session !== null)
      throw new HttpProblem(403, "The API takes the header Authorization: Bearer TOKEN, not a cookie.");
    const series = await act(web, { text: request.params.messageId, operator, order });
    return (await describeSeries(web.db, [series], "operator"))[0];
  };
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    for (const one of ACTS) {
      const schema = { ...common, summary: SUMMARIES[one] };
      app.post<ById>(`/series/:messageId/${one}`, { schema }, (request) => perform(request, { act: one }));
    }
    app.put<ById & { Body: Omit<Extract<Order, { act: "recipients" }>, "act"> }>(
      "/series/:messageId/recipients",
      {
        schema: {
          ...common,
          body: recipientsBody,
          summary: "Leave recipients of a held reply out, or replace them",
        },
      },
      (request) => perform(request, { act: "recipients", edits: request.body.edits }),
    );
    done();
  };
}
