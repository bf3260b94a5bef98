/** Errors of HTTP, as they are thrown by handlers and told to people and scripts (RFC 9457). */
import { z } from "zod";

export const problemSchema = z.strictObject({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  /** One sentence that says what to do. */
  detail: z.string(),
  /** Id of the request, as the log has it. */
  instance: z.string(),
});

export type Problem = z.infer<typeof problemSchema>;

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Not possible now",
  413: "Too large",
  414: "Too long",
  415: "Unsupported media type",
  429: "Too many tries",
  500: "Internal error",
  503: "Not available",
};

export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/** Errors that fastify itself throws have a status and a text fit for the client, when they are the client's. */
function statusOf(error: unknown): number {
  if (error instanceof HttpProblem) return error.status;
  const { statusCode, name } = error as { statusCode?: number; name?: string };
  if (name === "MaxRetriesPerRequestError" || /Connection is closed|Command timed out/.test(String(error)))
    return 503;
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
}

export function toProblem(error: unknown, requestId: string): Problem {
  const status = statusOf(error);
  const detail =
    status === 500
      ? `This is avicbot's fault; its log has more under ${requestId}.`
      : status === 503 && !(error instanceof HttpProblem)
        ? "The store does not answer; try again soon."
        : (error as Error).message;
  return { type: "about:blank", title: TITLES[status] ?? "Error", status, detail, instance: requestId };
}
