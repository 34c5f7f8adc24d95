import type { FastifyPluginAsync } from "fastify"
import { AppError } from "../core/problem.ts"

export interface HealthDeps {
  storeReady(): Promise<boolean>
  queueReady(): boolean
  /** Is this `Authorization` value allowed to read the metrics? */
  mayReadMetrics(authorization: string | undefined): boolean
  metrics(): Promise<{ contentType: string; text: string }>
}

/** `/livez`: the process answers. `/readyz`: the store does too; without the queue we are slower, but take webhooks. */
export function healthRoutes(deps: HealthDeps): FastifyPluginAsync {
  return async (server) => {
    server.get("/livez", async () => ({ status: "ok" }))

    server.get("/readyz", async (_request, reply) => {
      const store = (await deps.storeReady()) ? "ok" : "unreachable"
      const queue = deps.queueReady() ? "ok" : "unreachable"
      const status = store !== "ok" ? "unavailable" : queue !== "ok" ? "degraded" : "ok"
      return reply.code(status === "unavailable" ? 503 : 200).send({ status, store, queue })
    })

    server.get("/metrics", async (request, reply) => {
      if (!deps.mayReadMetrics(request.headers.authorization)) {
        throw new AppError("unauthorized", "the metrics need the operator's key, as Authorization: Bearer <key>")
      }
      const { contentType, text } = await deps.metrics()
      return reply.type(contentType).send(text)
    })
  }
}
