import type { GateRule } from "./gate.ts"

/** At most `max` requests in flight. */
export function limitConcurrency(max: number): GateRule {
  let inFlight = 0
  return {
    opensAtMs: () => (inFlight < max ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY),
    sent() {
      inFlight += 1
    },
    answered() {
      inFlight -= 1
    },
  }
}
