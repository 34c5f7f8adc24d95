import fc from "fast-check"
import { expect, test } from "vitest"
import { answered, type Breaker, CLOSED, opensAtMs, sent } from "../../../src/core/delivery/circuit-breaker.ts"

const NOW = 1_790_000_000_000

const open = (trips: number): Breaker => ({ state: "open", untilMs: NOW, trips })
const isOpen = (breaker: Breaker, nowMs = NOW) => opensAtMs(breaker) <= nowMs

/** Sends one request and answers it, at the same instant. */
const result = (breaker: Breaker, succeeded: boolean | null, nowMs = NOW, random = 0) =>
  answered(sent(breaker), succeeded, nowMs, random)

/** One result after the other, `everyMs` apart, the last one at `nowMs`. */
const results = (breaker: Breaker, outcomes: readonly boolean[], nowMs = NOW, everyMs = 200) =>
  outcomes.reduce(
    (next, succeeded, index) => result(next, succeeded, nowMs - (outcomes.length - 1 - index) * everyMs),
    breaker,
  )

const failures = (count: number) => Array<boolean>(count).fill(false)
const successes = (count: number) => Array<boolean>(count).fill(true)

test("lets every request through while none fails, and stays the same value", () => {
  expect(opensAtMs(CLOSED)).toBe(Number.NEGATIVE_INFINITY)
  expect(results(CLOSED, successes(50))).toBe(CLOSED)
})

test("opens after 10 consecutive failures, not after 9, and waits a second", () => {
  const nine = results(CLOSED, failures(9))
  expect(nine.state).toBe("closed")
  const ten = result(nine, false)
  expect(ten).toEqual({ state: "open", trips: 1, untilMs: NOW + 1_000 })
  expect(opensAtMs(ten)).toBe(NOW + 1_000)
  expect(results(CLOSED, [...failures(9), true, ...failures(8)]).state).toBe("closed")
})

test("stays closed while an endpoint has failed for less than a second, however many requests failed", () => {
  const burst = results(CLOSED, failures(500), NOW, 1)
  expect(burst.state).toBe("closed")
  expect(result(burst, false, NOW + 500).state).toBe("closed")
  expect(result(burst, false, NOW + 501).state).toBe("open")
  const halfOfBurst = Array.from({ length: 500 }, (_, index) => index % 2 === 1)
  expect(results(CLOSED, halfOfBurst, NOW, 1).state).toBe("closed")
  expect(result(results(CLOSED, halfOfBurst, NOW, 1), false, NOW + 501).state).toBe("open")
})

test("opens when at least half of at least 20 requests within a minute fail, even without 10 in a row", () => {
  const alternating = Array.from({ length: 20 }, (_, index) => index % 2 === 1)
  expect(results(CLOSED, alternating.slice(0, 19)).state).toBe("closed")
  expect(results(CLOSED, alternating).state).toBe("open")
  const oneOfThree = Array.from({ length: 300 }, (_, index) => index % 3 !== 0)
  expect(results(CLOSED, oneOfThree).state).toBe("closed")
})

test("does not count failures more than a minute apart together", () => {
  const before = results(CLOSED, [false, true, false, true, false, true, false, true, false, true], NOW, 0)
  const after = results(before, [false, true, false, true, false, true, false, true, false, true], NOW + 60_000, 0)
  expect(after.state).toBe("closed")
  expect(results(before, successes(1), NOW + 60_000)).toBe(CLOSED)
})

test("then lets 1, 2, 4 and 8 requests through, each step after the previous one has ended, and closes", () => {
  let breaker = open(1)
  for (const step of [1, 2, 4, 8]) {
    for (let i = 0; i < step; i++) {
      expect(isOpen(breaker)).toBe(true)
      breaker = sent(breaker)
    }
    expect(opensAtMs(breaker)).toBe(Number.POSITIVE_INFINITY)
    for (let i = 0; i < step; i++) {
      expect(breaker.state).toBe("half_open")
      breaker = answered(breaker, true, NOW, 0)
    }
  }
  expect(breaker).toBe(CLOSED)
})

test("opens again when the probe fails, twice as long each time, up to 5 minutes", () => {
  let breaker = open(1)
  const waits = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1000)
  for (const [index, wait] of waits.entries()) {
    breaker = result(breaker, false)
    expect(breaker).toEqual({ state: "open", trips: index + 2, untilMs: NOW + wait })
  }
})

test("opens again when half of a step fails, but not when fewer fail", () => {
  const fourAtOnce = results(open(3), successes(3))
  expect(results(fourAtOnce, [true, false, false])).toMatchObject({ state: "open", trips: 4 })
  const eightAtOnce = results(fourAtOnce, [false, true, true, true])
  expect(eightAtOnce).toMatchObject({ state: "half_open", step: 8 })
  expect(results(eightAtOnce, [false, false, false, ...successes(5)])).toBe(CLOSED)
})

test("waits a second again after it was closed", () => {
  const closed = results(open(5), successes(15))
  expect(closed).toBe(CLOSED)
  expect(results(closed, failures(10))).toMatchObject({ trips: 1, untilMs: NOW + 1_000 })
})

test("requests in flight when it opened have no effect", () => {
  const tripped = results(CLOSED, failures(10))
  expect(answered(tripped, true, NOW, 0)).toBe(tripped)
  expect(answered(tripped, false, NOW + 20_000, 0)).toBe(tripped)
})

test("a failure of our own code counts neither way, and its place in the slow start goes to another request", () => {
  expect(results(CLOSED, failures(9)).state).toBe("closed")
  expect(result(results(CLOSED, failures(9)), null).state).toBe("closed")
  expect(isOpen(result(open(1), null))).toBe(true)
})

/** Any history: requests sent when the breaker allows, answered in any order, while time passes. */
const history = fc.array(
  fc.record({
    send: fc.boolean(),
    succeeded: fc.constantFrom(true, false, null),
    elapsedMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400_000 })),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
  { maxLength: 300 },
)

test("never exceeds the step, never waits longer than 6 minutes, never gets stuck", () => {
  fc.assert(
    fc.property(history, (steps) => {
      let breaker: Breaker = CLOSED
      let nowMs = NOW
      let underWay = 0
      for (const { send, succeeded, elapsedMs, random } of steps) {
        nowMs += elapsedMs
        if (send && isOpen(breaker, nowMs)) {
          breaker = sent(breaker)
          underWay += 1
        } else if (!send && underWay > 0) {
          const before = breaker
          breaker = answered(breaker, succeeded, nowMs, random)
          underWay -= 1
          if (breaker.state === "open" && breaker !== before) {
            expect(breaker.untilMs - nowMs).toBeGreaterThanOrEqual(1_000)
            expect(breaker.untilMs - nowMs).toBeLessThanOrEqual(360_001)
          }
        }
        if (breaker.state === "half_open") {
          expect([1, 2, 4, 8]).toContain(breaker.step)
          expect(breaker.sent).toBeLessThanOrEqual(breaker.step)
        }
        if (underWay === 0 && breaker.state !== "half_open") {
          expect(isOpen(breaker, nowMs + 360_001)).toBe(true)
        }
      }
    }),
  )
})

test("closes after at most 15 successes of a recovered endpoint, whatever happened before", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.nat(1_000_000), (outcomes, pauseMs) => {
      let breaker: Breaker = CLOSED
      let nowMs = NOW
      for (const succeeded of outcomes) {
        if (!isOpen(breaker, nowMs)) nowMs += 360_001
        breaker = result(breaker, succeeded, nowMs, 0.5)
      }
      nowMs += 360_001 + pauseMs
      expect(results(breaker, successes(15), nowMs)).toBe(CLOSED)
    }),
  )
})

test("a late failure of our own code does not let more requests through than the step allows", () => {
  let breaker = results(open(1), successes(1))
  expect(breaker).toMatchObject({ state: "half_open", step: 2 })
  breaker = answered(breaker, null, NOW, 0)
  breaker = sent(sent(breaker))
  expect(opensAtMs(breaker)).toBe(Number.POSITIVE_INFINITY)
})
