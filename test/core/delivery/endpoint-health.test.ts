import fc from "fast-check"
import { expect, test } from "vitest"
import {
  advance,
  HEALTHY,
  type Health,
  isHealthy,
  NOTHING,
  type Tally,
  WARNINGS_AFTER_MS,
} from "../../../src/core/delivery/endpoint-health.ts"

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = 1_790_000_000_000

const failures = (count: number): Tally => ({ ...NOTHING, failures: count })
const SUCCESS: Tally = { ...NOTHING, succeeded: true }
const exhausted = (count: number): Tally => ({ ...NOTHING, failures: count, exhausted: count })

/** An endpoint that has failed since START. */
const failing = (given: Partial<NonNullable<Health["failing"]>> = {}): Health => ({
  ...HEALTHY,
  failing: { sinceMs: START, lastAtMs: START, failures: 100, warnings: 0, ...given },
})

const noticesOf = (health: Health, tally: Tally, nowMs: number) =>
  advance(health, tally, nowMs).notices.map((notice) =>
    notice.type === "endpoint.failing" ? `${notice.type} ${notice.warning}` : notice.type,
  )

test.each([
  [0.99, 0, []],
  [1, 0, ["endpoint.failing 1"]],
  [2.9, 1, []],
  [3, 1, ["endpoint.failing 2"]],
  [4.5, 2, ["endpoint.failing 3"]],
  [4.99, 3, []],
  [5, 3, ["endpoint.disabled"]],
])("an endpoint that fails for %s days and was warned %s times: %j", (days, warnings, expected) => {
  expect(noticesOf(failing({ warnings }), failures(1), START + days * DAY)).toEqual(expected)
})

test("fewer than 20 failures never disable an endpoint, however long they last", () => {
  expect(noticesOf(failing({ failures: 18, warnings: 3 }), failures(1), START + 30 * DAY)).toEqual([])
  expect(noticesOf(failing({ failures: 19, warnings: 3 }), failures(1), START + 30 * DAY)).toEqual([
    "endpoint.disabled",
  ])
})

test("after a pause only the latest due warning is sent, and never a disable without a warning", () => {
  const first = advance(failing(), failures(1), START + 9 * DAY)
  expect(first.notices).toMatchObject([{ type: "endpoint.failing", warning: 3 }])
  expect(noticesOf(first.health, failures(1), START + 9 * DAY + 1)).toEqual(["endpoint.disabled"])
})

test("one success resets the failing time, and is announced if there was a warning", () => {
  expect(advance(failing({ warnings: 2 }), SUCCESS, START + 4 * DAY)).toMatchObject({
    health: HEALTHY,
    notices: [{ type: "endpoint.recovered", failing: { sinceMs: START, failures: 100 } }],
  })
  expect(advance(failing(), SUCCESS, START + HOUR)).toEqual({ health: HEALTHY, notices: [] })
  const again = advance(failing({ warnings: 3 }), { succeeded: true, failures: 2, exhausted: 0 }, START + 5 * DAY)
  expect(again.notices.map(({ type }) => type)).toEqual(["endpoint.recovered"])
  expect(again.health.failing).toEqual({
    sinceMs: START + 5 * DAY,
    lastAtMs: START + 5 * DAY,
    failures: 2,
    warnings: 0,
  })
})

test("the first exhausted delivery is announced at once, later ones together, once an hour", () => {
  const first = advance(HEALTHY, exhausted(3), START)
  expect(first.notices).toMatchObject([{ type: "delivery.exhausted", count: 3, sinceMs: START }])
  const second = advance(first.health, exhausted(5), START + HOUR / 2)
  expect(second.notices).toEqual([])
  const third = advance(second.health, exhausted(2), START + HOUR - 1)
  expect(third.notices).toEqual([])
  expect(advance(third.health, NOTHING, START + HOUR).notices).toEqual([
    { type: "delivery.exhausted", count: 7, sinceMs: START + HOUR / 2 },
  ])
})

test("no health is stored once the endpoint is healthy and its customer was notified", () => {
  const { health } = advance(HEALTHY, exhausted(1), START)
  const well = advance(health, SUCCESS, START + 1).health
  expect(isHealthy(health, START)).toBe(false)
  expect(isHealthy(well, START + 1)).toBe(false)
  expect(isHealthy(well, START + HOUR)).toBe(true)
  expect(isHealthy(HEALTHY, START)).toBe(true)
})

const tally = fc.record({
  succeeded: fc.boolean(),
  failures: fc.nat(30),
  exhausted: fc.nat(3),
})
const rounds = fc.array(
  fc.tuple(
    fc.oneof({ weight: 9, arbitrary: tally.map((t) => ({ ...t, succeeded: false })) }, { weight: 1, arbitrary: tally }),
    fc.nat(DAY),
  ),
  { maxLength: 80 },
)

test("in any history, warnings come in order and on time, before any disable, and notices at most hourly", () => {
  fc.assert(
    fc.property(rounds, (history) => {
      let health = HEALTHY
      let nowMs = START
      let warned = 0
      let notifiedAtMs = Number.NEGATIVE_INFINITY
      let given = 0
      let notifiedOf = 0
      for (const [next, elapsedMs] of history) {
        nowMs += elapsedMs
        const moved = advance(health, next, nowMs)
        given += next.exhausted
        for (const notice of moved.notices) {
          switch (notice.type) {
            case "endpoint.failing":
              expect(notice.warning).toBeGreaterThan(warned)
              expect(nowMs - notice.failing.sinceMs).toBeGreaterThanOrEqual(
                WARNINGS_AFTER_MS[notice.warning - 1] ?? Number.NaN,
              )
              warned = notice.warning
              break
            case "endpoint.recovered":
              expect(next.succeeded && warned > 0).toBe(true)
              warned = 0
              break
            case "endpoint.disabled":
              expect(warned).toBeGreaterThan(0)
              expect(notice.failing.failures).toBeGreaterThanOrEqual(20)
              expect(nowMs - notice.failing.sinceMs).toBeGreaterThanOrEqual(5 * DAY)
              return
            case "delivery.exhausted":
              expect(nowMs - notifiedAtMs).toBeGreaterThanOrEqual(HOUR)
              notifiedAtMs = nowMs
              notifiedOf += notice.count
          }
        }
        health = moved.health
        expect(notifiedOf + (health.exhausted?.count ?? 0)).toBe(given)
      }
    }),
  )
})

test("a clock that was set back never makes the last failure earlier than the first", () => {
  expect(advance(failing(), failures(1), START - HOUR).health.failing).toMatchObject({
    sinceMs: START,
    lastAtMs: START,
  })
})

test("exhausted deliveries that were not announced yet keep the health stored", () => {
  const pending: Health = { ...HEALTHY, exhausted: { count: 1, sinceMs: START }, exhaustedNotifiedAtMs: START }
  expect(isHealthy(pending, START + HOUR)).toBe(false)
})
