import fc from "fast-check"
import { expect, test } from "vitest"
import type { Outcome } from "../../../src/core/delivery/outcome.ts"
import { DEFAULT_SCHEDULE_MS, judge, MAX_RETRY_AFTER_MS } from "../../../src/core/delivery/retry.ts"

const HOUR = 3_600_000
const response = (status: number, retryAfterMs: number | null = null): Outcome => ({
  kind: "response",
  status,
  retryAfterMs,
  excerpt: "",
})
const first = { attempt: 1, schedule: DEFAULT_SCHEDULE_MS, nowMs: 1_000_000, random: 0 }

const statuses = (min: number, max: number) => fc.integer({ min, max }).map((status) => response(status))
const failures = fc.oneof(
  statuses(300, 599).filter((outcome) => outcome.kind === "response" && outcome.status !== 410),
  fc.record({
    kind: fc.constant("response"),
    status: fc.constantFrom(429, 503),
    retryAfterMs: fc.nat(),
    excerpt: fc.constant(""),
  }),
  fc.constantFrom("dns", "connect", "first_byte", "total").map((phase) => ({ kind: "timeout", phase })),
  fc.constantFrom("ECONNREFUSED", "ENOTFOUND").map((code) => ({ kind: "network", code })),
  fc.constant({ kind: "blocked", reason: "the address is special-purpose (private)" }),
  fc.constant({ kind: "fault", reason: "TypeError" }),
) as fc.Arbitrary<Outcome>
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const nowMs = fc.integer({ min: 0, max: 4_102_444_800_000 })
const schedule = fc.array(fc.integer({ min: 0, max: 7 * 24 * HOUR }), { minLength: 1, maxLength: 20 })

test("makes 14 attempts over 71.9 hours", () => {
  expect(DEFAULT_SCHEDULE_MS).toHaveLength(14)
  expect(DEFAULT_SCHEDULE_MS.map((ms) => ms / 1000)).toEqual([
    0, 5, 30, 120, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 72_000, 86_400,
  ])
  const total = DEFAULT_SCHEDULE_MS.reduce((sum, ms) => sum + ms, 0)
  expect((total / HOUR).toFixed(1)).toBe("71.9")
})

test("counts any 2xx as delivered, at any attempt", () => {
  fc.assert(
    fc.property(statuses(200, 299), fc.integer({ min: 1, max: 30 }), (outcome, attempt) => {
      expect(judge({ ...first, outcome, attempt })).toEqual({ kind: "delivered" })
    }),
  )
})

test("gives up when our own code fails for the third time, whatever the schedule", () => {
  const fault: Outcome = { kind: "fault", reason: "TypeError" }
  const judged = [1, 2, 3].map((faults) => judge({ ...first, outcome: fault, faults }).kind)
  expect(judged).toEqual(["retry", "retry", "exhausted"])
})

test("stops for good and disables the endpoint when it answers 410", () => {
  expect(judge({ ...first, outcome: response(410) })).toEqual({ kind: "exhausted", disableEndpoint: true })
})

test("retries after a 410 if the endpoint was changed meanwhile, and gives up after the last attempt", () => {
  const judged = [1, 13, 14].map((attempt) => judge({ ...first, outcome: response(410), attempt, changed: true }))
  expect(judged.map(({ kind }) => kind)).toEqual(["retry", "retry", "exhausted"])
  expect(judged.at(-1)).toEqual({ kind: "exhausted", disableEndpoint: false })
})

test("retries every other failure, such as redirects and refused addresses, until the last attempt", () => {
  fc.assert(
    fc.property(failures, schedule, random, nowMs, (outcome, waits, chance, now) => {
      for (let attempt = 1; attempt <= waits.length; attempt++) {
        const verdict = judge({ outcome, attempt, schedule: waits, nowMs: now, random: chance })
        if (attempt < waits.length) expect(verdict.kind).toBe("retry")
        else expect(verdict).toEqual({ kind: "exhausted", disableEndpoint: false })
      }
    }),
  )
})

test("is never due before the schedule's wait or before Retry-After, and at most a fifth later", () => {
  fc.assert(
    fc.property(failures, schedule, random, nowMs, (outcome, waits, chance, now) => {
      for (let attempt = 1; attempt < waits.length; attempt++) {
        const verdict = judge({ outcome, attempt, schedule: waits, nowMs: now, random: chance })
        const asked = outcome.kind === "response" ? (outcome.retryAfterMs ?? 0) : 0
        const least = Math.max(waits[attempt] ?? 0, Math.min(asked, MAX_RETRY_AFTER_MS))
        const wait = verdict.kind === "retry" ? verdict.dueAtMs - now : Number.NaN
        expect(wait).toBeGreaterThanOrEqual(least)
        expect(wait).toBeLessThanOrEqual(Math.ceil(least * 1.2) + 1)
        expect(Number.isInteger(wait)).toBe(true)
      }
    }),
  )
})

test("waits as the schedule says, plus jitter", () => {
  const outcome = response(500)
  expect(judge({ ...first, outcome })).toEqual({ kind: "retry", dueAtMs: 1_005_000 })
  expect(judge({ ...first, outcome, random: 0.5 })).toEqual({ kind: "retry", dueAtMs: 1_005_500 })
  expect(judge({ ...first, outcome, attempt: 13 })).toEqual({ kind: "retry", dueAtMs: 1_000_000 + 24 * HOUR })
})

test("obeys Retry-After up to 24 hours", () => {
  expect(judge({ ...first, outcome: response(429, 60_000) })).toEqual({ kind: "retry", dueAtMs: 1_060_000 })
  const month = response(503, 30 * 24 * HOUR)
  expect(judge({ ...first, outcome: month })).toEqual({ kind: "retry", dueAtMs: 1_000_000 + 24 * HOUR })
})
