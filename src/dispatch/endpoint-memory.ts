import type { Endpoint } from "../core/delivery/endpoint.ts"
import { createEndpointGate, type EndpointGate } from "../core/delivery/endpoint-gate.ts"
import { type ClaimCursor, createClaimCursor } from "./claim-cursor.ts"
import { restsLong } from "./hold-keeper.ts"

/** So long unused, what is remembered says nothing about the endpoint any more. */
const FORGET_AFTER_MS = 600_000

interface Entry {
  revisionMs: number
  gate: EndpointGate
  claimCursor: ClaimCursor
  usedMs: number
}

/**
 * What this process remembers of endpoints from one drain to the next. An endpoint that was changed, or switched on
 * again, begins anew, its limits apart: whoever mended it wants to see it tried.
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

    /** How many endpoints nothing may be sent to for long. */
    held(): number {
      const nowMs = now()
      let held = 0
      for (const { gate } of entries.values()) if (restsLong(gate, nowMs)) held += 1
      return held
    },

    /** How many endpoints are not tried now, or only in small steps. */
    openBreakers(): number {
      let open = 0
      for (const { gate } of entries.values()) if (gate.breaker() !== "closed") open += 1
      return open
    },

    /** Drops what is open and was not asked for lately. */
    forgetUnused() {
      const nowMs = now()
      for (const [id, { gate, usedMs }] of entries) {
        if (nowMs - usedMs > FORGET_AFTER_MS && gate.opensAtMs() <= nowMs) entries.delete(id)
      }
    },
  }
}
