import type { Endpoint } from "../core/delivery/endpoint.ts"
import { createEndpointGate, type EndpointGate } from "../core/delivery/endpoint-gate.ts"
import { type ClaimCursor, createClaimCursor } from "./claim-cursor.ts"
import { isClosedForLong } from "./hold-keeper.ts"

/** After this long without use, what is remembered no longer says anything about the endpoint. */
const FORGET_AFTER_MS = 600_000

interface Entry {
  revisionMs: number
  gate: EndpointGate
  claimCursor: ClaimCursor
  usedMs: number
}

/**
 * What this process remembers of endpoints from one drain to the next: gate and claim cursor. An endpoint that was
 * changed or enabled again gets fresh ones, so that a repaired endpoint is tried at once; only its use of limits
 * carries over.
 */
export function createEndpointMemory(now: () => number, random: () => number) {
  const entries = new Map<string, Entry>()

  function entryOf(endpoint: Endpoint): Entry {
    let entry = entries.get(endpoint.id)
    if (entry?.revisionMs !== endpoint.revisionMs) {
      const gate = entry?.gate.changedTo(endpoint) ?? createEndpointGate(endpoint, random)
      entry = { revisionMs: endpoint.revisionMs, gate, claimCursor: createClaimCursor(now), usedMs: 0 }
      entries.set(endpoint.id, entry)
    }
    entry.usedMs = now()
    return entry
  }

  return {
    gate: (endpoint: Endpoint) => entryOf(endpoint).gate,
    claimCursor: (endpoint: Endpoint) => entryOf(endpoint).claimCursor,

    /** How many endpoints are closed for long. */
    held(): number {
      const nowMs = now()
      let held = 0
      for (const { gate } of entries.values()) if (isClosedForLong(gate, nowMs)) held += 1
      return held
    },

    /** How many endpoints have an open or half-open breaker. */
    openBreakers(): number {
      let open = 0
      for (const { gate } of entries.values()) if (gate.breaker() !== "closed") open += 1
      return open
    },

    /** Forgets endpoints with an open gate that were not used recently. */
    forgetUnused() {
      const nowMs = now()
      for (const [id, { gate, usedMs }] of entries) {
        if (nowMs - usedMs > FORGET_AFTER_MS && gate.opensAtMs() <= nowMs) entries.delete(id)
      }
    },
  }
}
