/** Answers whose bytes are known: with an ETag, so that who has them already is told so; kept for the next one. */
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

export interface Answer {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

export const HTML = "text/html; charset=utf-8";
export const JSON_TYPE = "application/json; charset=utf-8";
export const TEXT = "text/plain; charset=utf-8";

export function makeAnswer(type: string, body: string | Buffer): Answer {
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  const hash = createHash("sha256").update(type).update("\n").update(bytes).digest("base64url");
  return { type, body: bytes, etag: `"${hash.slice(0, 22)}"` };
}

/** Whether who asks has the answer already. */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((one) => one.trim().replace(/^W\//, "") === etag || one.trim() === "*");
}

/** `shared`: the answer is the same for everybody. */
export function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: Answer, shared: boolean) {
  reply.header("etag", answer.etag).header("cache-control", shared ? "no-cache" : "private, no-store");
  if (shared) request.shared = answer;
  if (matchesEtag(request.headers["if-none-match"], answer.etag)) return reply.code(304).send();
  return reply.type(answer.type).send(answer.body);
}
