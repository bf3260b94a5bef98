/** The description of the API, made from the schemas that validate it. */
import swagger from "@fastify/swagger";
import type { FastifyInstance, FastifySchema } from "fastify";
import { z, type ZodType } from "zod";

type Side = "input" | "output";

function jsonSchema(schema: unknown, io: Side): object {
  const { $schema, $id, ...rest } = z.toJSONSchema(schema as ZodType, { io, unrepresentable: "any" });
  return $schema === undefined && $id === undefined ? rest : { ...rest };
}

function responses(schema: FastifySchema): Record<string, object> {
  const entries = Object.entries((schema.response ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([status, one]) => [status, { description: "", ...jsonSchema(one, "output") }]),
  );
}

function describeRoute(schema: FastifySchema): FastifySchema {
  const { querystring, params, body, response, ...words } = schema;
  return {
    ...words,
    ...(querystring === undefined ? {} : { querystring: jsonSchema(querystring, "input") }),
    ...(params === undefined ? {} : { params: jsonSchema(params, "input") }),
    ...(body === undefined ? {} : { body: jsonSchema(body, "input") }),
    ...(response === undefined ? {} : { response: responses(schema) }),
  };
}

export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "avicbot",
        version: "1",
        description:
          "What AVIC patches change for every x2APIC MSR access. Reading is free, acting needs a token.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    },
    hideUntagged: true,
    transform: ({ schema, url }) => ({
      schema: schema === undefined ? schema : describeRoute(schema),
      url,
    }),
  });
}
