import type { FastifyBaseLogger, FastifyPluginAsync } from "fastify"
import type { Stores } from "../core/api/stores.ts"
import type { EventRow } from "../core/commit-rows.ts"
import type { EventName, Platform } from "../core/event/event.ts"
import type { RateLimits } from "./auth/rate-limits.ts"
import type { StreamLimits } from "./streams/event-streams.ts"

/** How many of each a customer may have. The operator's apps are counted likewise. */
export interface ObjectLimits {
  endpoints: number
  apiKeys: number
  apps: number
  connections: number
  /** Running at once. */
  replays: number
}

export const DEFAULT_OBJECT_LIMITS: ObjectLimits = {
  endpoints: 200,
  apiKeys: 100,
  apps: 20,
  connections: 10_000,
  replays: 10,
}

export interface Timeouts {
  /** Until the whole request, body included, has arrived. */
  requestMs: number
  headersMs: number
  /** How often requests that take too long are looked for. */
  checkMs: number
}

export const DEFAULT_TIMEOUTS: Timeouts = { requestMs: 30_000, headersMs: 10_000, checkMs: 2_000 }

export interface AppDeps {
  stores: Stores
  /** The operator's key. */
  adminKey: string
  logger: FastifyBaseLogger
  routing: {
    /** Resolves when this process routes by what was written. null: for all customers. */
    changed(customerId: string | null): Promise<void>
  }
  /** Something may be due at the endpoint. */
  wake(endpointId: string): void
  /** An event to try an endpoint out with; null where the platform has none such. */
  testEvent(customerId: string, event: EventName, platform: Platform): EventRow | null
  /** The address policy's sentence on what is wrong with a URL, or null. It may look the name up. */
  checkUrl(url: string): Promise<string | null>
  /** An ioredis client, so that all gateways share the rate limits. */
  redis?: unknown
  now(): number
  randomBytes(size: number): Uint8Array
  /** Without a slash at the end. Asked for when it is needed: with PORT=0 it is known once the server listens. */
  publicUrl(): string
  /** Webhooks and health, registered on the same server. */
  plugins: readonly FastifyPluginAsync[]
  version: string
  /** JSON texts of the published schemas, by their path below `/schemas/`. */
  schemas?: ReadonlyMap<string, string>
  /** Whose `X-Forwarded-For` is believed. Nobody's by default. */
  trustProxy?: string[]
  rateLimits?: Partial<RateLimits>
  objectLimits?: Partial<ObjectLimits>
  timeouts?: Partial<Timeouts>
  streams?: Partial<StreamLimits>
}
