import type { GateRule } from "./gate.ts"

/** Requests in flight. A limit that replaces another one shares its counter. */
export interface InFlight {
  count: number
}

/** At most `max` requests in flight. */
export function limitConcurrency(max: number, inFlight: InFlight = { count: 0 }): GateRule {
  return {
    opensAtMs: () => (inFlight.count < max ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY),
    sent() {
      inFlight.count += 1
    },
    answered() {
      inFlight.count -= 1
    },
  }
}
