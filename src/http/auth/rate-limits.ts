import rateLimit from "@fastify/rate-limit"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { AppError } from "../../core/api/problem.ts"
import { clientAddress } from "./client-address.ts"

export interface RateLimits {
  /** Requests per key and minute. The operator's key has no limit. */
  requests: number
  /** Failed authentications per client address and minute. */
  failures: number
}

/** Where all gateways of an installation count together. */
export interface SharedCounts {
  /** An ioredis client. */
  redis: unknown
  /** The beginning of every key; another installation on the same Redis has another one. */
  prefix: string
}

export const DEFAULT_RATE_LIMITS: RateLimits = { requests: 1_000, failures: 30 }

/** Failures are counted per kind of key, so that a customer's expired key cannot lock the operator out. */
export type FailureKind = "operator" | "customer"

export interface Limiter {
  /** Counts a request and sets the RateLimit headers. @throws AppError rate_limited */
  count(request: FastifyRequest, reply: FastifyReply, keyId: string): Promise<void>
  /**
   * Counts a failed authentication. A valid key is never refused for the failures of its address: keys have too much
   * entropy to be guessed, and many clients may share an address.
   *
   * @throws AppError rate_limited if the address has failed too often
   */
  failed(request: FastifyRequest, kind: FailureKind): Promise<void>
}

/** @param shared without it, each gateway counts alone */
export async function createLimiter(app: FastifyInstance, limits: RateLimits, shared?: SharedCounts): Promise<Limiter> {
  await app.register(rateLimit, {
    global: false,
    // If Redis is down, the API must keep working.
    skipOnError: true,
    ...(shared === undefined ? {} : { redis: shared.redis, nameSpace: `${shared.prefix}:limit:` }),
  })
  const keys = new WeakMap<FastifyRequest, string>()
  const keyGenerator = (request: FastifyRequest) => keys.get(request) ?? clientAddress(request.ip)
  const requests = app.createRateLimit({ max: limits.requests, timeWindow: 60_000, keyGenerator })
  const failures = app.createRateLimit({ max: limits.failures, timeWindow: 60_000, keyGenerator })

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
      if (state.isExceeded) throw tooMany(`A key may make ${state.max} requests per minute.`, state.ttlInSeconds)
    },
    async failed(request, kind) {
      keys.set(request, `${kind}:${clientAddress(request.ip)}`)
      const state = await failures(request)
      if (state.isAllowed || !state.isExceeded) return
      throw tooMany("Too many failed authentications from this address.", state.ttlInSeconds)
    },
  }
}

function tooMany(detail: string, afterSeconds: number): AppError {
  const seconds = Math.max(1, afterSeconds)
  return new AppError("rate_limited", `${detail} Try again in ${seconds} s.`, {
    headers: { "retry-after": String(seconds) },
  })
}
