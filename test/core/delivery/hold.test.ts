import fc from "fast-check"
import { expect, test } from "vitest"
import { createHold } from "../../../src/core/delivery/hold.ts"
import type { Outcome } from "../../../src/core/delivery/outcome.ts"

const DAY_MS = 86_400_000
const answer = (status: number, retryAfterMs: number | null): Outcome => ({
  kind: "response",
  status,
  retryAfterMs,
  excerpt: "",
})

test.each([
  ["429 with Retry-After", answer(429, 5_000), 6_000],
  ["503 with Retry-After", answer(503, 60_000), 61_000],
  ["a Retry-After of zero", answer(429, 0), 1_000],
  ["a Retry-After of a year", answer(429, 365 * DAY_MS), 1_000 + DAY_MS],
  ["429 without Retry-After", answer(429, null), Number.NEGATIVE_INFINITY],
  ["success", answer(200, null), Number.NEGATIVE_INFINITY],
  ["a timeout", { kind: "timeout", phase: "total" } as Outcome, Number.NEGATIVE_INFINITY],
])("after %s the endpoint is held as long as asked, at most a day", (_name, outcome, opensAtMs) => {
  const hold = createHold()
  hold.answered(outcome, 1_000)
  expect(hold.opensAtMs()).toBe(opensAtMs)
})

test("is open until an answer asks to wait, then closed until the latest time asked for, at most for a day", () => {
  const asks = fc.array(fc.record({ afterMs: fc.nat(10_000), retryAfterMs: fc.option(fc.nat(2 * DAY_MS)) }))
  fc.assert(
    fc.property(asks, (given) => {
      const hold = createHold()
      let nowMs = 0
      let expected = Number.NEGATIVE_INFINITY
      for (const { afterMs, retryAfterMs } of given) {
        nowMs += afterMs
        hold.answered(answer(429, retryAfterMs), nowMs)
        if (retryAfterMs !== null) expected = Math.max(expected, nowMs + Math.min(retryAfterMs, DAY_MS))
        expect(hold.opensAtMs()).toBe(expected)
      }
    }),
  )
})
