import fc from "fast-check"
import { expect, test } from "vitest"
import { answeredIn, hanging, NEW_PACE, SLOW_MS } from "../../../src/core/delivery/pace.ts"

const after = (durations: number[], from = NEW_PACE) => durations.reduce(answeredIn, from)

test.each([
  ["is unknown", [], false],
  ["answers fast", [20, 50, 30], false],
  ["was slow once", [20, 20, 3_000, 20], false],
  ["answers slowly all the time", [1_500, 1_500, 1_500, 1_500, 1_500], true],
  ["times out twice", [20_000, 20_000, 20_000], true],
  ["was slow and is fast again", [20_000, 20_000, 20_000, 20, 20, 20, 20], false],
])("an endpoint that %s: slow is %s → %s", (_name, durations, slow) => {
  expect(after(durations).slow).toBe(slow)
})

test("a hanging request makes the endpoint slow at once, and a few fast answers make it fast again", () => {
  const hung = hanging(after([10, 10, 10]))
  expect(hung.slow).toBe(true)
  expect(after([10], hung).slow).toBe(true)
  expect(after([10, 10, 10], hung).slow).toBe(false)
})

test("an endpoint stays fast if it always answers within half the limit, and is slow if it never meets it", () => {
  const fast = fc.array(fc.integer({ min: 0, max: SLOW_MS / 2 }))
  const slow = fc.array(fc.integer({ min: 2 * SLOW_MS, max: 20_000 }), { minLength: 4 })
  fc.assert(
    fc.property(fast, slow, (good, bad) => {
      expect(after(good).slow).toBe(false)
      expect(after([...good, ...bad]).slow).toBe(true)
    }),
  )
})

test("a hanging request does not make a slow endpoint faster", () => {
  const slow = after(Array<number>(10).fill(20_000))
  expect(after([20, 20, 20], hanging(slow)).slow).toBe(true)
})
