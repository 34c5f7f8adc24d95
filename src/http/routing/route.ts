import { Readable } from "node:stream"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { z } from "zod"
import { AppError } from "../../core/api/problem.ts"
import type { Scope } from "../../core/api/resources/api-key.ts"
import { Id } from "../../core/api/resources/common.ts"
import type { IdempotencyStore, StoredAnswer } from "../../core/api/stores/idempotency.ts"
import type { Access, Auth, Caller } from "../auth/auth.ts"
import { runOnce } from "./idempotency.ts"
import { type RouteDocument, routeSchema } from "./openapi.ts"
import { validate } from "./validate.ts"

export interface RouteDefinition<Q extends z.ZodType, B extends z.ZodType, Who> {
  method: "GET" | "POST" | "PATCH" | "DELETE"
  /** `:id` is the only parameter there is. */
  url: string
  /** Its name in generated clients, such as `createEndpoint`. */
  operation: string
  /** One line for the documentation. */
  summary: string
  description?: string
  query?: Q
  body?: B
  /** What success answers; without it the answer is 204. */
  answer?: z.ZodType
  status?: 200 | 201
  handle(input: RouteInput<Q, B> & Who): Promise<unknown>
}

interface RouteInput<Q extends z.ZodType, B extends z.ZodType> {
  id: string
  query: z.output<Q>
  body: z.output<B>
  caller: Caller
}

/** An answer that is JSON text already. */
export class JsonText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** An answer that goes on, such as server-sent events. */
export interface StreamDefinition<Q extends z.ZodType> {
  url: string
  operation: string
  summary: string
  description: string
  query: Q
  answerType: string
  /** Throws before it begins where it is refused. `over` is aborted when the client has gone. */
  handle(input: {
    query: z.output<Q>
    customerId: string
    header(name: string): string | undefined
    stillHolds(): Promise<boolean>
    over: AbortSignal
  }): Promise<AsyncIterable<string>>
}

export type Routes = ReturnType<typeof createRoutes>

/** How resources add their routes: authorization, validation, idempotency and the answer are the same for all. */
export function createRoutes(app: FastifyInstance, deps: { auth: Auth; idempotency: IdempotencyStore }) {
  const callers = new WeakMap<FastifyRequest, Caller>()

  function add<Q extends z.ZodType, B extends z.ZodType, Who>(
    access: Access,
    route: RouteDefinition<Q, B, Who>,
    whoOf: (caller: Caller) => Who,
  ): void {
    async function answer(request: FastifyRequest, caller: Caller): Promise<StoredAnswer & { replayed: boolean }> {
      const { id = "" } = request.params as { id?: string }
      if (route.url.includes(":id") && !Id.safeParse(id).success) throw notFound()
      const query = route.query ? validate(route.query, request.query, "query") : undefined
      const body = route.body ? validate(route.body, request.body ?? {}, "body") : undefined
      const input = { id, query, body, caller, ...whoOf(caller) } as RouteInput<Q, B> & Who
      const run = async () => toAnswer(await route.handle(input), route)
      if (route.method === "GET") return { ...(await run()), replayed: false }
      return runOnce(deps.idempotency, { request, caller, input: body }, run)
    }

    register(access, route, async (request, reply, caller) => {
      const { status, text, replayed } = await answer(request, caller)
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
    app.route({
      method: route.method,
      url: route.url,
      schema: routeSchema(app, access, route),
      // The schema is for readers; what counts is `validate`, which knows more and says it better.
      validatorCompiler: () => () => true,
      serializerCompiler: () => JSON.stringify,
      onRequest: async (request, reply) => {
        callers.set(request, await deps.auth.authorize(request, reply, access))
      },
      handler: (request, reply) => handle(request, reply, callers.get(request) as Caller),
    })
  }

  function stream<Q extends z.ZodType>(scope: Scope, route: StreamDefinition<Q>): void {
    const document = { ...route, method: "GET" as const, answer: z.string() }
    register({ to: "customer", scope }, document, async (request, reply, caller) => {
      const gone = new AbortController()
      reply.raw.once("close", () => gone.abort())
      const text = await route.handle({
        query: validate(route.query, request.query, "query"),
        customerId: caller.customerId as string,
        header: (name) => request.headers[name]?.toString(),
        stillHolds: () => deps.auth.stillHolds(caller),
        over: gone.signal,
      })
      // A connection that is kept would keep the server from closing.
      reply.headers({ "cache-control": "no-store", connection: "close", "x-accel-buffering": "no" })
      // Bytes, not objects: a slow reader stops the source after one chunk.
      return reply.type(route.answerType).send(Readable.from(text, { objectMode: false }))
    })
  }

  return {
    /** For the operator's key only. */
    operator<Q extends z.ZodType, B extends z.ZodType>(route: RouteDefinition<Q, B, unknown>): void {
      add({ to: "operator" }, route, () => ({}))
    },
    /** For a customer, or the operator on behalf of one. */
    customer<Q extends z.ZodType, B extends z.ZodType>(
      scope: Scope,
      route: RouteDefinition<Q, B, { customerId: string }>,
    ): void {
      add({ to: "customer", scope }, route, (caller) => ({ customerId: caller.customerId as string }))
    },
    /** For a customer, an answer without an end. */
    stream,
    /** For either; the operator who names no customer is meant itself, and `owner` is null. */
    owner<Q extends z.ZodType, B extends z.ZodType>(
      scope: Scope,
      route: RouteDefinition<Q, B, { owner: string | null }>,
    ): void {
      add({ to: "owner", scope }, route, (caller) => ({ owner: caller.customerId }))
    },
  }
}

function toAnswer(result: unknown, route: { status?: number; answer?: unknown }): StoredAnswer {
  if (!route.answer) return { status: 204, text: "" }
  const text = result instanceof JsonText ? result.text : JSON.stringify(result)
  return { status: route.status ?? 200, text }
}

/** For what does not exist and for what is another customer's alike. */
export function notFound(): AppError {
  return new AppError("not_found", "There is no such object, or it is not yours.")
}

/** @throws AppError not_found */
export function found<T>(object: T | null): T {
  if (object === null) throw notFound()
  return object
}
