import type { FastifyPluginAsync, FastifyRequest } from "fastify"
import { AppError } from "../../core/api/problem.ts"
import { createLimiter, DEFAULT_RATE_LIMITS } from "../auth/rate-limits.ts"

export interface HealthDeps {
  storeReady(): Promise<boolean>
  queueReady(): boolean
  /** May everyone who reaches the process read the metrics? */
  metricsOpen: boolean
  /** Is this `Authorization` value the operator's? */
  isOperator(authorization: string): boolean
  /** An ioredis client, so that guesses here count with those at the API. */
  redis?: unknown
  metrics(): Promise<{ contentType: string; text: string }>
}

/** `/livez`: the process answers. `/readyz`: the store does too; without the queue we are slower, but take webhooks. */
export function healthRoutes(deps: HealthDeps): FastifyPluginAsync {
  return async (server) => {
    const limiter = await createLimiter(server, DEFAULT_RATE_LIMITS, deps.redis)

    async function refuseOthers(request: FastifyRequest): Promise<void> {
      const { authorization } = request.headers
      if (authorization !== undefined) {
        await limiter.refuseGuessing(request, "operator")
        if (deps.isOperator(authorization)) return
        await limiter.failed(request, "operator")
      }
      throw new AppError("unauthorized", "the metrics need the operator's key, as Authorization: Bearer <key>")
    }

    server.get("/livez", async () => ({ status: "ok" }))

    server.get("/readyz", async (_request, reply) => {
      const store = (await deps.storeReady()) ? "ok" : "unreachable"
      const queue = deps.queueReady() ? "ok" : "unreachable"
      const status = store !== "ok" ? "unavailable" : queue !== "ok" ? "degraded" : "ok"
      return reply.code(status === "unavailable" ? 503 : 200).send({ status, store, queue })
    })

    server.get("/metrics", async (request, reply) => {
      if (!deps.metricsOpen) await refuseOthers(request)
      const { contentType, text } = await deps.metrics()
      return reply.type(contentType).send(text)
    })
  }
}
