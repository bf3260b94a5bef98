/** Checks answers against the server's own description of its API. */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Site } from "./site.ts";

interface Operation {
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface Description {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

export interface ApiChecker {
  readonly description: Description;
  /** Asks, checks status and answer against the description, and gives the answer. */
  readonly ask: (path: string, init?: RequestInit & { status?: number }) => Promise<Record<string, unknown>>;
}

function operationOf({ paths }: Description, method: string, path: string): Operation | undefined {
  const bare = path.replace(/\?.*$/, "");
  // An id may hold slashes: what stands behind it decides first.
  const byLength = Object.keys(paths).sort((a, b) => b.length - a.length);
  const found = byLength.find((pattern) => new RegExp(`^${pattern.replace(/\{\w+\}/g, ".+")}$`).test(bare));
  return found === undefined ? undefined : paths[found]?.[method];
}

export async function apiChecker(site: Site): Promise<ApiChecker> {
  const description = (await (await site.get("/openapi.json")).json()) as Description;
  const ajv = new Ajv2020({ strict: false });
  return {
    description,
    ask: async (path, { status = 200, ...init } = {}) => {
      const answer = await fetch(`${site.url}${path}`, init);
      const body = (await answer.json()) as Record<string, unknown>;
      assert.equal(answer.status, status, JSON.stringify(body));
      const operation = operationOf(description, (init.method ?? "GET").toLowerCase(), path);
      const schema = operation?.responses[status]?.content?.["application/json"]?.schema;
      assert.ok(schema, `no description of ${status} at ${path}`);
      assert.ok(ajv.validate(schema, body), `${path}: ${ajv.errorsText()}`);
      if (status >= 400)
        assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
      return body;
    },
  };
}
