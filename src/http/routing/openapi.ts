import swagger from "@fastify/swagger"
import Fastify, { type FastifyInstance, type FastifySchema } from "fastify"
import { z } from "zod"
import type { Access } from "../auth/auth.ts"

const OPTIONAL_BODY = "x-optional-body"

/** What the OpenAPI document says about a route. */
export interface RouteDocument {
  method: string
  url: string
  operation: string
  summary: string
  description?: string
  query?: z.ZodType
  body?: z.ZodType
  response?: z.ZodType
  /** Of the response; `application/json` by default. */
  contentType?: string
  status?: number
}

type JsonSchema = Record<string, unknown>

const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string(),
    code: z.string().meta({ description: "Stable; use it to tell errors apart." }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457." })

const OPERATOR_KEY = { operatorKey: [] }

/** A route with who may call it. */
export interface DocumentedRoute {
  access: Access
  route: RouteDocument
}

/**
 * The OpenAPI document of the routes. Built on a server of its own, which never listens: converting every schema takes
 * longer than the rest of a gateway's start, and most gateways are never asked.
 */
export async function openapiDocument(
  routes: readonly DocumentedRoute[],
  about: { version: string; publicUrl(): string },
): Promise<object> {
  const app = Fastify()
  await describeWith(app, about)
  for (const { access, route } of routes) {
    app.route({
      method: route.method,
      url: route.url,
      schema: routeSchema(app, access, route),
      validatorCompiler: () => () => true,
      serializerCompiler: () => JSON.stringify,
      handler: () => {},
    })
  }
  await app.ready()
  const document = app.swagger()
  await app.close()
  return document
}

async function describeWith(app: FastifyInstance, about: { version: string; publicUrl(): string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Onehook",
        version: about.version,
        description:
          "The management API. Errors are `application/problem+json` with a stable `code`. Lists are newest first and " +
          "paged with `limit` and `cursor`. Writes accept an `Idempotency-Key`, which is kept for 24 hours.",
        license: { name: "MIT", identifier: "MIT" },
      },
      components: {
        securitySchemes: {
          customerKey: {
            type: "http",
            scheme: "bearer",
            description: "`ohk_live_…`, with the scopes that the route names.",
          },
          operatorKey: { type: "http", scheme: "bearer", description: "With `Onehook-Customer` on customer routes." },
        },
      },
    },
    transformObject: (document) => ({
      ...("openapiObject" in document ? withOptionalBodies(document.openapiObject) : {}),
      servers: [{ url: about.publicUrl() }],
    }),
    hideUntagged: true,
    stripBasePath: false,
    refResolver: { buildLocalReference: (json) => String(json.$id) },
  })
}

/** The route's documentation in Fastify's `schema` form. It validates nothing; `validate` does that with zod. */
function routeSchema(app: FastifyInstance, access: Access, route: RouteDocument): FastifySchema {
  const json = (schema: z.ZodType, io: "input" | "output") => toShared(app, schema, io)
  const headers = headersOf(access, route.method)
  return {
    tags: [route.url.split("/")[2] ?? ""],
    operationId: route.operation,
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    security: access.to === "operator" ? [OPERATOR_KEY] : [{ customerKey: access.scopes }, OPERATOR_KEY],
    ...(route.url.includes(":id")
      ? { params: { type: "object", properties: { id: { type: "string" } }, required: ["id"] } }
      : {}),
    ...(headers ? { headers } : {}),
    ...(route.query ? { querystring: json(route.query, "input") } : {}),
    ...(route.body ? { body: json(route.body, "input") } : {}),
    ...(route.body && isOptional(route.body) ? { [OPTIONAL_BODY]: true } : {}),
    response: {
      ...(route.response
        ? {
            [route.status ?? 200]: {
              description: "Success",
              content: { [route.contentType ?? "application/json"]: { schema: json(route.response, "output") } },
            },
          }
        : { 204: { description: "Success, no content", type: "null" } }),
      default: {
        description: "Error",
        content: { "application/problem+json": { schema: json(Problem, "output") } },
      },
    },
  } as FastifySchema
}

/** Whether a request without a body is as good as one with `{}`. */
export function isOptional(body: z.ZodType): boolean {
  return body.safeParse({}).success
}

/** The plugin requires every body. */
function withOptionalBodies<D extends { paths?: object }>(document: D): D {
  const operations = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path ?? {}))
  for (const operation of operations as Record<string, unknown>[]) {
    if (operation[OPTIONAL_BODY]) Object.assign(operation.requestBody as object, { required: false })
    delete operation[OPTIONAL_BODY]
  }
  return document
}

function headersOf(access: Access, method: string): JsonSchema | null {
  const properties = {
    ...(method === "GET" ? {} : { "idempotency-key": { type: "string", maxLength: 255 } }),
    ...(access.to === "operator"
      ? {}
      : { "onehook-customer": { type: "string", description: "With the operator's key: the customer to act for." } }),
  }
  return Object.keys(properties).length > 0 ? { type: "object", properties } : null
}

/** Moves named schemas to shared components, so that each is defined once; unnamed ones stay inline. */
function toShared(app: FastifyInstance, schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, $defs = {}, ...root } = z.toJSONSchema(schema, { io }) as JsonSchema & { $defs?: object }
  for (const [name, definition] of Object.entries($defs)) {
    if (!app.getSchema(name)) app.addSchema({ ...withSharedReferences(definition), $id: name })
  }
  return withSharedReferences(root)
}

function withSharedReferences(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll(/"#\/\$defs\/(\w+)"/g, '"$1#"'))
}
