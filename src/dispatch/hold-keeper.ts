import type { Claim, HoldRequest } from "../core/delivery/claim.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import type { EndpointGate } from "../core/delivery/endpoint-gate.ts"
import type { DrainDeps } from "./drain-deps.ts"

/** An endpoint whose gate stays closed for longer is given back meanwhile. */
const LONG_REST_MS = 2_000

/** Is the gate closed until a time so far away that the endpoint is better given back? */
export function restsLong(gate: EndpointGate, nowMs: number): boolean {
  return isLong(gate.opensAtMs(), nowMs)
}

function isLong(untilMs: number, nowMs: number): boolean {
  return untilMs > nowMs + LONG_REST_MS && untilMs !== Number.POSITIVE_INFINITY
}

/** Between the gate in memory and what other dispatchers know of it. */
export function createHoldKeeper(
  endpointId: string,
  deps: Pick<DrainDeps, "endpoint" | "gate" | "hold" | "now" | "onError">,
) {
  let knownMs = Number.NEGATIVE_INFINITY

  function of(endpoint: Endpoint | undefined): HoldRequest {
    if (!endpoint) return { endpointId, forMs: 0, revisionMs: 0 }
    const forMs = deps.gate(endpoint).heldUntilMs() - deps.now()
    return { endpointId, forMs: Number.isFinite(forMs) ? forMs : 0, revisionMs: endpoint.revisionMs }
  }

  return {
    of,
    /** At once, for this process may die before it gives the endpoint back. */
    makeKnown({ revisionMs }: Endpoint, gate: EndpointGate) {
      const untilMs = gate.heldUntilMs()
      if (!isLong(untilMs, deps.now()) || untilMs < knownMs + LONG_REST_MS) return
      knownMs = untilMs
      const request = { endpointId, forMs: untilMs - deps.now(), revisionMs }
      deps.hold(request).catch((error) => deps.onError(error, endpointId))
    },
    /** What a dispatcher before us found out counts for the endpoint as it was then. */
    learn({ forMs, revisionMs }: NonNullable<Claim["hold"]>) {
      const endpoint = deps.endpoint(endpointId)
      if (endpoint?.revisionMs === revisionMs) deps.gate(endpoint).holdUntil(deps.now() + forMs)
    },
  }
}
