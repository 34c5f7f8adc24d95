import type { Claim, HoldRequest } from "../core/delivery/claim.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import type { EndpointGate } from "../core/delivery/endpoint-gate.ts"
import type { DrainDeps } from "./drain-deps.ts"

/** If the gate of an endpoint stays closed for longer than this, its lease is released meanwhile. */
const LONG_MS = 2_000

/** Is the gate closed until a known time that is so far off that the lease should be released? */
export function isClosedForLong(gate: EndpointGate, nowMs: number): boolean {
  return isLong(gate.opensAtMs(), nowMs)
}

function isLong(untilMs: number, nowMs: number): boolean {
  return untilMs > nowMs + LONG_MS && untilMs !== Number.POSITIVE_INFINITY
}

/** Keeps the hold of one endpoint's gate and the hold in the store, which other dispatchers read, in step. */
export function createHoldKeeper(
  endpointId: string,
  deps: Pick<DrainDeps, "endpoint" | "gate" | "hold" | "now" | "onError">,
) {
  let storedUntilMs = Number.NEGATIVE_INFINITY

  /** The hold to store with the release of the lease. */
  function onRelease(endpoint: Endpoint | undefined): HoldRequest {
    if (!endpoint) return { endpointId, forMs: 0, revisionMs: 0 }
    const forMs = deps.gate(endpoint).heldUntilMs() - deps.now()
    return { endpointId, forMs: Number.isFinite(forMs) ? forMs : 0, revisionMs: endpoint.revisionMs }
  }

  return {
    onRelease,
    /** Stores a long hold at once, since this process may die before it releases the lease. */
    publish({ revisionMs }: Endpoint, gate: EndpointGate) {
      const untilMs = gate.heldUntilMs()
      if (!isLong(untilMs, deps.now()) || untilMs < storedUntilMs + LONG_MS) return
      storedUntilMs = untilMs
      const request = { endpointId, forMs: untilMs - deps.now(), revisionMs }
      deps.hold(request).catch((error) => deps.onError(error, endpointId))
    },
    /** Applies a hold that another dispatcher stored, unless the endpoint was changed since. */
    apply({ forMs, revisionMs }: NonNullable<Claim["hold"]>) {
      const endpoint = deps.endpoint(endpointId)
      if (endpoint?.revisionMs === revisionMs) deps.gate(endpoint).holdUntil(deps.now() + forMs)
    },
  }
}

export type HoldKeeper = ReturnType<typeof createHoldKeeper>
