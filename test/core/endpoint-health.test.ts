import fc from "fast-check"
import { expect, test } from "vitest"
import { type Failing, judgeHealth, WARNINGS_AFTER_MS } from "../../src/core/endpoint-health.ts"

const DAY = 86_400_000
const failing = (days: number, given: Partial<Failing> = {}): Failing => ({
  sinceMs: 1_000,
  lastFailureAtMs: 1_000 + days * DAY,
  failures: 100,
  warnings: 0,
  ...given,
})

test.each([
  [0.99, 0, { kind: "wait" }],
  [1, 0, { kind: "warn", warnings: 1 }],
  [2.9, 1, { kind: "wait" }],
  [3, 1, { kind: "warn", warnings: 2 }],
  [4.5, 2, { kind: "warn", warnings: 3 }],
  [4.99, 3, { kind: "wait" }],
  [5, 3, { kind: "disable" }],
])("an endpoint that fails for %s days and was warned %s times: %j", (days, warnings, expected) => {
  expect(judgeHealth(failing(days, { warnings }))).toEqual(expected)
})

test("fewer than 20 failures never disable, however long it lasts", () => {
  expect(judgeHealth(failing(30, { failures: 19, warnings: 3 }))).toEqual({ kind: "wait" })
  expect(judgeHealth(failing(30, { failures: 20, warnings: 3 }))).toEqual({ kind: "disable" })
})

test("after a pause there is one warning, the strongest, and it comes before the end", () => {
  expect(judgeHealth(failing(9))).toEqual({ kind: "warn", warnings: 3 })
  expect(judgeHealth(failing(9, { warnings: 3 }))).toEqual({ kind: "disable" })
})

test("any run of failures has at most three warnings, each once and in order, and none is disabled before its time", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: DAY }), { maxLength: 60 })
  fc.assert(
    fc.property(gaps, (waits) => {
      const state = failing(0, { failures: 0 })
      const warned: number[] = []
      for (const wait of waits) {
        state.lastFailureAtMs += wait
        state.failures += 1
        const verdict = judgeHealth(state)
        const failingMs = state.lastFailureAtMs - state.sinceMs
        if (verdict.kind === "warn") {
          expect(failingMs).toBeGreaterThanOrEqual(WARNINGS_AFTER_MS[verdict.warnings - 1] ?? Number.NaN)
          warned.push(verdict.warnings)
          state.warnings = verdict.warnings
        }
        if (verdict.kind === "disable") {
          expect(failingMs).toBeGreaterThanOrEqual(5 * DAY)
          expect(state.failures).toBeGreaterThanOrEqual(20)
          expect(warned.length).toBeGreaterThan(0)
          return
        }
      }
      expect(warned).toEqual([...new Set(warned)].sort())
      expect(warned.length).toBeLessThanOrEqual(3)
    }),
  )
})
