import type { GateRule } from "./gate.ts"

/** How many requests are in flight; rules that follow each other count in the same one. */
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
