import type { Claim, ClaimRequest, HoldRequest } from "../core/delivery/claim.ts"
import type { Delivery } from "../core/delivery/delivery.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import type { EndpointGate } from "../core/delivery/endpoint-gate.ts"
import type { Outcome, Verdict } from "../core/delivery/outcome.ts"
import type { ClaimCursor } from "./claim-cursor.ts"
import type { Ticket } from "./lanes.ts"
import type { Load } from "./prefetch-buffer.ts"

export interface DrainDeps {
  holder: string
  endpoint(id: string): Endpoint | undefined
  /** The gate of the endpoint, as long as nobody changes the endpoint always the same. */
  gate(endpoint: Endpoint): EndpointGate
  /** Where the endpoint is read on, the same for as long as the gate is. */
  claimCursor(endpoint: Endpoint): ClaimCursor
  load: Load
  /** A slot of this process; undefined where the endpoint has to wait for one, and `pump` will be called. */
  takeSlot(endpoint: Endpoint, isReplay: boolean, bigBytes?: number): Ticket | undefined
  giveSlotBack(ticket: Ticket): void
  /** The endpoint waits for no slot any more. */
  leaveLine(endpointId: string): void
  /** Milliseconds on a clock that is never set. */
  now(): number
  claim(request: ClaimRequest): Promise<Claim>
  /** Sends one delivery; `answered` as soon as its answer is judged, the promise when the result is recorded. */
  attempt(
    endpoint: Endpoint,
    delivery: Delivery,
    answered: (outcome: Outcome, verdict: Verdict["kind"]) => void,
  ): Promise<{ retryInMs: number | null }>
  /** Gives the lease back; answers in how many milliseconds the next delivery is due. */
  release(request: HoldRequest): Promise<number | null>
  /** Makes known to others for how long the gate is closed. */
  hold(request: HoldRequest): Promise<unknown>
  wakeLater(endpointId: string, delayMs: number): void
  /** The endpoint is another dispatcher's: tell that one. */
  handOver(holder: string, endpointId: string): void
  onError(error: unknown, endpointId: string): void
}
