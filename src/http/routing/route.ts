import { Readable } from "node:stream"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { z } from "zod"
import { AppError } from "../../core/api/problem.ts"
import type { Scope } from "../../core/api/resources/api-key.ts"
import { Id } from "../../core/api/resources/common.ts"
import type { IdempotencyStore, StoredAnswer } from "../../core/api/stores/idempotency.ts"
import type { Access, Auth, Caller } from "../auth/auth.ts"
import type { Audited } from "./audit.ts"
import { runOnce } from "./idempotency.ts"
import { type DocumentedRoute, isOptional, type RouteDocument } from "./openapi.ts"
import { validate } from "./validate.ts"

export interface RouteDefinition<Q extends z.ZodType, B extends z.ZodType, Who> {
  method: "GET" | "POST" | "PATCH" | "DELETE"
  /** The only path parameter is `:id`. */
  url: string
  /** The operation id, such as `createEndpoint`: the method's name in generated clients. */
  operation: string
  /** One line for the documentation. */
  summary: string
  description?: string
  query?: Q
  body?: B
  /** The body of a successful response; without it the response is 204. */
  response?: z.ZodType
  status?: 200 | 201
  /** Whether a request changes something, and is recorded in the audit log. By default all but GET do. */
  changes?(body: z.output<B>): boolean
  handle(input: RouteInput<Q, B> & Who): Promise<unknown>
}

interface RouteInput<Q extends z.ZodType, B extends z.ZodType> {
  id: string
  query: z.output<Q>
  body: z.output<B>
  caller: Caller
}

/** A result that is already JSON text. */
export class JsonText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A route whose response is a stream, such as server-sent events. */
export interface StreamDefinition<Q extends z.ZodType> {
  url: string
  operation: string
  summary: string
  description: string
  query: Q
  contentType: string
  /** Rejects before the stream starts if it is refused. `signal` is aborted when the client disconnects. */
  handle(input: {
    query: z.output<Q>
    customerId: string
    header(name: string): string | undefined
    isStillAuthorized(): Promise<boolean>
    signal: AbortSignal
  }): Promise<AsyncIterable<string>>
}

export type Routes = ReturnType<typeof createRoutes>

interface RoutesDeps {
  auth: Auth
  idempotency: IdempotencyStore
  audited: Audited
  /** Called with each route, for the OpenAPI document. */
  onRoute(route: DocumentedRoute): void
}

/** Registers the routes of all resources with the same authorization, validation, idempotency and response format. */
export function createRoutes(app: FastifyInstance, deps: RoutesDeps) {
  const callers = new WeakMap<FastifyRequest, Caller>()

  function add<Q extends z.ZodType, B extends z.ZodType, Who>(
    access: Access,
    route: RouteDefinition<Q, B, Who>,
    whoOf: (caller: Caller) => Who,
  ): void {
    async function respond(request: FastifyRequest, caller: Caller): Promise<StoredAnswer & { replayed: boolean }> {
      const { id = "" } = request.params as { id?: string }
      if (route.url.includes(":id") && !Id.safeParse(id).success) throw notFound()
      const query = route.query ? validate(route.query, request.query, "query") : undefined
      const body = route.body ? validate(route.body, bodyOf(request, route.body), "body") : undefined
      const input = { id, query, body, caller, ...whoOf(caller) } as RouteInput<Q, B> & Who
      const handle = () => route.handle(input)
      const changes = route.method !== "GET" && (route.changes?.(input.body) ?? true)
      const change = { request, caller, operation: route.operation, objectId: id }
      const run = async () => toStored(await (changes ? deps.audited(change, handle) : handle()), route)
      if (route.method === "GET") return { ...(await run()), replayed: false }
      return runOnce(deps.idempotency, { request, caller, input: body }, run)
    }

    register(access, route, async (request, reply, caller) => {
      const { status, text, replayed } = await respond(request, caller)
      if (replayed) reply.header("idempotency-replayed", "true")
      reply.code(status).header("cache-control", "no-store")
      return text === "" ? reply.send() : reply.type("application/json; charset=utf-8").send(text)
    })
  }

  function register(
    access: Access,
    route: RouteDocument & { method: "GET" | "POST" | "PATCH" | "DELETE" },
    handle: (request: FastifyRequest, reply: FastifyReply, caller: Caller) => Promise<FastifyReply>,
  ): void {
    deps.onRoute({ access, route })
    app.route({
      method: route.method,
      url: route.url,
      onRequest: async (request, reply) => {
        callers.set(request, await deps.auth.authorize(request, reply, access))
      },
      handler: (request, reply) => handle(request, reply, callers.get(request) as Caller),
    })
  }

  function stream<Q extends z.ZodType>(scope: Scope, route: StreamDefinition<Q>): void {
    const document = { ...route, method: "GET" as const, response: z.string() }
    register({ to: "customer", scopes: [scope] }, document, async (request, reply, caller) => {
      const disconnected = new AbortController()
      reply.raw.once("close", () => disconnected.abort())
      const text = await route.handle({
        query: validate(route.query, request.query, "query"),
        customerId: caller.customerId as string,
        header: (name) => request.headers[name]?.toString(),
        isStillAuthorized: () => deps.auth.isStillAuthorized(caller),
        signal: disconnected.signal,
      })
      // A kept-alive connection would keep the server from closing.
      reply.headers({ "cache-control": "no-store", connection: "close", "x-accel-buffering": "no" })
      // Byte mode, not object mode: backpressure from a slow reader stops the source after one chunk.
      return reply.type(route.contentType).send(Readable.from(text, { objectMode: false }))
    })
  }

  return {
    /** A route for the operator's key only. */
    operator<Q extends z.ZodType, B extends z.ZodType>(route: RouteDefinition<Q, B, unknown>): void {
      add({ to: "operator" }, route, () => ({}))
    },
    /** A route for a customer, or for the operator on behalf of one. With several scopes a key needs all of them. */
    customer<Q extends z.ZodType, B extends z.ZodType>(
      scope: Scope | readonly Scope[],
      route: RouteDefinition<Q, B, { customerId: string }>,
    ): void {
      add({ to: "customer", scopes: [scope].flat() }, route, (caller) => ({ customerId: caller.customerId as string }))
    },
    /** A customer's route with a stream as its response. */
    stream,
    /** A route for a customer's objects or the operator's own; `owner` is null if the operator names no customer. */
    owner<Q extends z.ZodType, B extends z.ZodType>(
      scope: Scope,
      route: RouteDefinition<Q, B, { owner: string | null }>,
    ): void {
      add({ to: "owner", scopes: [scope] }, route, (caller) => ({ owner: caller.customerId }))
    },
  }
}

/** A missing body counts as an empty object where that is valid; the OpenAPI document requires one elsewhere. */
function bodyOf({ body }: FastifyRequest, schema: z.ZodType): unknown {
  if (body !== undefined) return body
  if (isOptional(schema)) return {}
  throw new AppError("bad_request", "This route requires a body: send JSON with content-type: application/json.")
}

function toStored(result: unknown, route: { status?: number; response?: unknown }): StoredAnswer {
  if (!route.response) return { status: 204, text: "" }
  const text = result instanceof JsonText ? result.text : JSON.stringify(result)
  return { status: route.status ?? 200, text }
}

/** The same error for an object that does not exist and for one of another customer. */
export function notFound(): AppError {
  return new AppError("not_found", "The object does not exist or belongs to another customer.")
}

/** @throws AppError not_found */
export function found<T>(object: T | null): T {
  if (object === null) throw notFound()
  return object
}
