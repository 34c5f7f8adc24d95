import type { Claim, ClaimRequest, HoldRequest } from "../core/delivery/claim.ts"
import type { Delivery } from "../core/delivery/delivery.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import type { EndpointGate } from "../core/delivery/endpoint-gate.ts"
import type { Outcome, Verdict } from "../core/delivery/outcome.ts"
import type { ClaimCursor } from "./claim-cursor.ts"
import type { Ticket } from "./lanes.ts"
import type { Load } from "./prefetch-buffer.ts"

export interface DrainDeps {
  /** The name of this dispatcher in leases, as it is now. */
  holder(): string
  /** Whether requests may be sent: false while another dispatcher may be taking the leases. Then `pump` is called. */
  isLive(): boolean
  endpoint(id: string): Endpoint | undefined
  /** The gate of the endpoint; the same one until the endpoint is changed. */
  gate(endpoint: Endpoint): EndpointGate
  /** The claim cursor of the endpoint; the same one until the endpoint is changed. */
  claimCursor(endpoint: Endpoint): ClaimCursor
  load: Load
  /** Takes the slots for one request. If it returns undefined, `pump` is called when a slot may be free. */
  acquireSlot(endpoint: Endpoint, isReplay: boolean, bigBytes?: number): Ticket | undefined
  releaseSlot(ticket: Ticket): void
  /** The endpoint no longer waits for a slot. */
  stopWaiting(endpointId: string): void
  /** Milliseconds on a monotonic clock. */
  now(): number
  claim(request: ClaimRequest): Promise<Claim>
  /** Sends one delivery. Calls `answered` when the answer is judged, and resolves when the result is recorded. */
  attempt(
    endpoint: Endpoint,
    delivery: Delivery,
    answered: (outcome: Outcome, verdict: Verdict["kind"]) => void,
  ): Promise<{ retryInMs: number | null }>
  /** Releases the lease; resolves with the milliseconds until the next delivery is due, or null for none. */
  release(request: HoldRequest): Promise<number | null>
  /** Stores how long the gate is closed, so that other dispatchers respect it. */
  hold(request: HoldRequest): Promise<unknown>
  wakeLater(endpointId: string, delayMs: number): void
  /** Another dispatcher has the lease: wakes the endpoint there. */
  forwardWake(holder: string, endpointId: string): void
  onError(error: unknown, endpointId: string): void
}
