import type { FastifyBaseLogger, FastifyPluginAsync } from "fastify"
import type { AdminKey } from "../core/api/admin-keys.ts"
import type { Stores } from "../core/api/stores.ts"
import type { EventRow } from "../core/commit-rows.ts"
import type { EventName, Platform } from "../core/event/event.ts"
import type { FailureKind, RateLimits, SharedCounts } from "./auth/rate-limits.ts"
import type { RefusalReason } from "./auth/refused-keys.ts"
import type { StreamLimits } from "./streams/event-streams.ts"

export interface Timeouts {
  /** Time for the whole request, including its body, to arrive. */
  requestMs: number
  headersMs: number
  /** How often the server checks for requests that exceed a timeout. */
  checkMs: number
}

export const DEFAULT_TIMEOUTS: Timeouts = { requestMs: 30_000, headersMs: 10_000, checkMs: 2_000 }

export interface AppDeps {
  stores: Stores
  /** The operator's keys; several during a rotation. */
  adminKeys: readonly AdminKey[]
  logger: FastifyBaseLogger
  routing: {
    /** Resolves when this process routes by the changed data. null: the change concerns all customers. */
    changed(customerId: string | null): Promise<void>
  }
  /** Tells the dispatchers that the endpoint may have due deliveries. */
  wake(endpointId: string): void
  /** A sample event to test an endpoint with; null if the platform does not send that event. */
  testEvent(customerId: string, event: EventName, platform: Platform): EventRow | null
  /** What the address policy rejects about a URL, as a sentence, or null. May resolve the host name. */
  checkUrl(url: string): Promise<string | null>
  /** Encrypts the positions in cursors; the same in all gateways. */
  cursorSecret: Uint8Array
  /** Counts a key that was refused. */
  onRefusedKey?(kind: FailureKind, reason: RefusalReason): void
  /** Where all gateways count requests and failed authentications together. */
  sharedCounts?: SharedCounts
  now(): number
  randomBytes(size: number): Uint8Array
  /** Without a trailing slash. A function, because with PORT=0 the URL is known only once the server listens. */
  publicUrl(): string
  /** The webhook and health routes, registered on the same server. */
  plugins: readonly FastifyPluginAsync[]
  version: string
  /** The published JSON Schemas as text, by their path below `/schemas/`. */
  schemas?: ReadonlyMap<string, string>
  /** Proxies whose `X-Forwarded-For` is trusted. None by default. */
  trustProxy?: string[]
  rateLimits?: Partial<RateLimits>
  timeouts?: Partial<Timeouts>
  streams?: Partial<StreamLimits>
}
