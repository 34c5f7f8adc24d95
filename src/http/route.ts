import type { FastifyInstance, FastifyRequest } from "fastify"
import type { z } from "zod"
import { AppError } from "../core/problem.ts"
import type { Scope } from "../core/resources/api-key.ts"
import { Id } from "../core/resources/common.ts"
import type { Access, Authorize, Caller } from "./auth.ts"
import { runOnce } from "./idempotency.ts"
import { routeSchema } from "./openapi.ts"
import type { IdempotencyStore, StoredAnswer } from "./stores.ts"
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

export type Routes = ReturnType<typeof createRoutes>

/** How resources add their routes: authorization, validation, idempotency and the answer are the same for all. */
export function createRoutes(app: FastifyInstance, deps: { authorize: Authorize; idempotency: IdempotencyStore }) {
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

    app.route({
      method: route.method,
      url: route.url,
      schema: routeSchema(app, access, route),
      // The schema is for readers; what counts is `validate` below, which knows more and says it better.
      validatorCompiler: () => () => true,
      serializerCompiler: () => JSON.stringify,
      onRequest: async (request, reply) => {
        callers.set(request, await deps.authorize(request, reply, access))
      },
      handler: async (request, reply) => {
        const { status, text, replayed } = await answer(request, callers.get(request) as Caller)
        if (replayed) reply.header("idempotency-replayed", "true")
        reply.code(status).header("cache-control", "no-store")
        return text === "" ? reply.send() : reply.type("application/json; charset=utf-8").send(text)
      },
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
