import type { FastifyPluginAsync, FastifyRequest } from "fastify"
import { AppError } from "../../core/api/problem.ts"
import { bearerToken } from "../auth/bearer-token.ts"
import { createLimiter, DEFAULT_RATE_LIMITS, type FailureKind, type SharedCounts } from "../auth/rate-limits.ts"
import { createRefusedKeys, type RefusalReason } from "../auth/refused-keys.ts"
import { drainBeforeClose } from "./drain.ts"

export interface HealthDeps {
  storeReady(): Promise<boolean>
  queueReady(): boolean
  /** Whether this process may send deliveries; absent in a process that does not. */
  dispatcherLive?(): boolean
  /** How long requests are still accepted after `close`, while `/readyz` responds 503. */
  shutdownDelayMs: number
  /** Whether the metrics can be read without a key. */
  metricsOpen: boolean
  isOperator(key: string): boolean
  /** Counts a key that was refused. */
  onRefusedKey(kind: FailureKind, reason: RefusalReason): void
  /** Where failed authentications here and at the API are counted together. */
  sharedCounts?: SharedCounts
  metrics(): Promise<{ contentType: string; text: string }>
}

/**
 * `/livez`: the process responds. `/readyz`: the store does too; without the queue, or while no delivery may be sent,
 * degraded but still taking webhooks.
 */
export function healthRoutes(deps: HealthDeps): FastifyPluginAsync {
  return async (server) => {
    const onRefused = createRefusedKeys({ logger: server.log, count: deps.onRefusedKey, now: Date.now })
    const limiter = await createLimiter(server, DEFAULT_RATE_LIMITS, deps.sharedCounts)

    async function requireOperator(request: FastifyRequest): Promise<void> {
      const token = bearerToken(request)
      if (token !== undefined && deps.isOperator(token)) return
      if (request.headers.authorization !== undefined) {
        onRefused(request, "operator", "unknown")
        await limiter.failed(request, "operator")
      }
      throw new AppError(
        "unauthorized",
        "The metrics require the operator's key: send it as Authorization: Bearer <key>.",
      )
    }

    const isClosing = drainBeforeClose(server, deps.shutdownDelayMs)

    server.get("/livez", async () => ({ status: "ok" }))

    server.get("/readyz", async (_request, reply) => {
      const store = (await deps.storeReady()) ? "ok" : "unreachable"
      const queue = deps.queueReady() ? "ok" : "unreachable"
      const dispatcher = deps.dispatcherLive && (deps.dispatcherLive() ? "ok" : "paused")
      const whole = queue === "ok" && dispatcher !== "paused"
      const working = store !== "ok" ? "unavailable" : whole ? "ok" : "degraded"
      const status = isClosing() ? "stopping" : working
      return reply.code(status === "ok" || status === "degraded" ? 200 : 503).send({ status, store, queue, dispatcher })
    })

    server.get("/metrics", async (request, reply) => {
      if (!deps.metricsOpen) await requireOperator(request)
      const { contentType, text } = await deps.metrics()
      return reply.type(contentType).send(text)
    })
  }
}
