/** From the query of a URL to a question to the store. */
import type { z } from "zod";
import type { Audience, ListQuery } from "../store/listing.ts";
import type { listQuerySchema } from "./api/schemas.ts";

export type ListParameters = z.infer<typeof listQuerySchema>;

export function listQuery(parameters: ListParameters, audience: Audience): ListQuery {
  const { state, verdict, author, list, q, sort, order, limit, cursor } = parameters;
  return {
    state,
    verdict,
    author,
    list,
    text: q,
    order: sort,
    ascending: order === "asc",
    limit,
    cursor,
    audience,
  };
}
