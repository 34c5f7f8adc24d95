import rateLimit from "@fastify/rate-limit"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { AppError } from "../../core/api/problem.ts"

export interface RateLimits {
  /** Requests of one key in a minute. The operator's key has no limit. */
  requests: number
  /** Refused credentials from one address in a minute. */
  failures: number
}

export const DEFAULT_RATE_LIMITS: RateLimits = { requests: 1_000, failures: 30 }

/** Where credentials are guessed: the operator's key apart, so that a customer's old key cannot lock the operator out. */
export type FailureKind = "operator" | "customer"

export interface Limiter {
  /** Counts a request, sets the RateLimit headers. @throws AppError rate_limited */
  count(request: FastifyRequest, reply: FastifyReply, keyId: string): Promise<void>
  /** @throws AppError rate_limited where the address has failed too often */
  refuseGuessing(request: FastifyRequest, kind: FailureKind): Promise<void>
  /** Counts a failed authentication. @throws AppError rate_limited where that was one too many */
  failed(request: FastifyRequest, kind: FailureKind): Promise<void>
}

/** @param redis an ioredis client, so that all gateways count together; without it each counts for itself */
export async function createLimiter(app: FastifyInstance, limits: RateLimits, redis?: unknown): Promise<Limiter> {
  await app.register(rateLimit, {
    global: false,
    // A limiter that is down must not take the API down with it.
    skipOnError: true,
    ...(redis === undefined ? {} : { redis, nameSpace: "onehook-limit-" }),
  })
  const keys = new WeakMap<FastifyRequest, string>()
  const keyGenerator = (request: FastifyRequest) => keys.get(request) ?? request.ip
  const requests = app.createRateLimit({ max: limits.requests, timeWindow: 60_000, keyGenerator })
  const failures = app.createRateLimit({ max: limits.failures, timeWindow: 60_000, keyGenerator })

  async function failuresOf(request: FastifyRequest, kind: FailureKind, increment: boolean): Promise<void> {
    keys.set(request, `${kind}:${request.ip}`)
    const state = await failures(request, { increment })
    if (state.isAllowed || (increment ? !state.isExceeded : state.remaining > 0 || state.ttl === 0)) return
    throw tooMany("Too many refused credentials from this address.", state.ttlInSeconds)
  }

  return {
    async count(request, reply, keyId) {
      keys.set(request, `key:${keyId}`)
      const state = await requests(request)
      if (state.isAllowed) return
      reply.headers({
        "ratelimit-limit": state.max,
        "ratelimit-remaining": state.remaining,
        "ratelimit-reset": state.ttlInSeconds,
      })
      if (state.isExceeded) throw tooMany(`A key may make ${state.max} requests a minute.`, state.ttlInSeconds)
    },
    refuseGuessing: (request, kind) => failuresOf(request, kind, false),
    failed: (request, kind) => failuresOf(request, kind, true),
  }
}

function tooMany(detail: string, afterSeconds: number): AppError {
  const seconds = Math.max(1, afterSeconds)
  return new AppError("rate_limited", `${detail} Try again in ${seconds} s.`, {
    headers: { "retry-after": String(seconds) },
  })
}
