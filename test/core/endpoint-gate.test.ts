import fc from "fast-check"
import { expect, test } from "vitest"
import { createEndpointGate } from "../../src/core/endpoint-gate.ts"
import type { Outcome } from "../../src/core/outcome.ts"

const answer = (retryAfterMs: number | null): Outcome => ({ kind: "response", status: 429, retryAfterMs, excerpt: "" })

test("never lets more requests be in flight than the endpoint allows, and one more as soon as one is answered", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.boolean()), (maxConcurrency, turns) => {
      const gate = createEndpointGate({ maxConcurrency })
      let inFlight = 0
      for (const sends of turns) {
        const open = gate.opensAtMs() <= 0
        expect(open).toBe(inFlight < maxConcurrency)
        if (sends && open) {
          gate.sent(0)
          inFlight += 1
        } else if (inFlight > 0) {
          gate.answered(answer(null), 0)
          inFlight -= 1
        }
      }
    }),
  )
})

test("stays closed while one rule holds, however open the others are", () => {
  const gate = createEndpointGate({ maxConcurrency: 2 })
  gate.sent(0)
  gate.sent(0)
  gate.answered(answer(5_000), 100)
  expect(gate.opensAtMs()).toBe(5_100)
  gate.answered(answer(null), 200)
  expect(gate.opensAtMs()).toBe(5_100)
})

test("only an answer opens it when all requests are in flight, even when a hold has a known end", () => {
  const gate = createEndpointGate({ maxConcurrency: 1 })
  gate.holdUntil(1_000)
  gate.sent(2_000)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
})
