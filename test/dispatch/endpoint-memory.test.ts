import { expect, test } from "vitest"
import type { Endpoint } from "../../src/core/delivery/endpoint.ts"
import { createEndpointMemory } from "../../src/dispatch/endpoint-memory.ts"
import { delivery, holdFor } from "./drain-world.ts"

const endpoint = (id: string, revisionMs = 1) => ({ id, revisionMs, maxConcurrency: 32, maxRate: null }) as Endpoint
const MINUTE = 60_000

function world() {
  const clock = { ms: 0 }
  const memory = createEndpointMemory(
    () => clock.ms,
    () => 0,
  )
  /** Failures in a row, each a while after the one before. */
  const fail = (times: number, everyMs = 200) => {
    for (let count = 0; count < times; count++) {
      clock.ms += everyMs
      const gate = memory.gate(endpoint("ep_1"))
      gate.sent(clock.ms)
      gate.answered({ kind: "timeout", phase: "total" }, clock.ms)
    }
  }
  return { clock, memory, fail }
}

test("counts consecutive failures from one drain to the next, even minutes apart", () => {
  const { clock, memory, fail } = world()
  fail(9)
  for (const ms of [9 * MINUTE, 18 * MINUTE]) {
    clock.ms = ms
    memory.gate(endpoint("ep_1"))
    memory.forgetUnused()
  }
  expect(memory.openBreakers()).toBe(0)
  fail(1)
  expect(memory.openBreakers()).toBe(1)
})

test("forgets an endpoint that was not used for ten minutes", () => {
  const { clock, memory, fail } = world()
  fail(9)
  clock.ms += 10 * MINUTE + 1
  memory.forgetUnused()
  fail(1)
  expect(memory.openBreakers()).toBe(0)
})

test("remembers a hold that is longer than that until it ends", () => {
  const { clock, memory } = world()
  const gate = memory.gate(endpoint("ep_1"))
  gate.sent(0)
  gate.answered(holdFor(60 * MINUTE), 0)
  clock.ms = 59 * MINUTE
  memory.forgetUnused()
  expect(memory.gate(endpoint("ep_1")).opensAtMs()).toBe(60 * MINUTE)
  clock.ms = 71 * MINUTE
  memory.forgetUnused()
  expect(memory.gate(endpoint("ep_1")).opensAtMs()).toBe(Number.NEGATIVE_INFINITY)
})

test("reads a changed endpoint from the start, and forgets its earlier failures", () => {
  const { memory, fail } = world()
  fail(10)
  const before = memory.claimCursor(endpoint("ep_1"))
  for (const id of ["a", "b"]) {
    before.next(false, false)
    before.advance({ deliveries: [delivery(id)], filled: false, latest: null, tookMs: 1 })
  }
  expect(memory.claimCursor(endpoint("ep_1")).next(false, false)).toBe("a")
  expect(memory.claimCursor(endpoint("ep_1", 2)).next(false, false)).toBe("")
  expect(memory.openBreakers()).toBe(0)
})

test("counts the endpoints that are held for long, and those with a breaker that is not closed", () => {
  const { clock, memory, fail } = world()
  for (const [id, waitMs] of Object.entries({ ep_2: 0, ep_3: 1_000, ep_4: 5_000 })) {
    const gate = memory.gate(endpoint(id))
    gate.sent(0)
    gate.answered(holdFor(waitMs), 0)
  }
  expect([memory.held(), memory.openBreakers()]).toEqual([1, 0])
  fail(10)
  expect([memory.held(), memory.openBreakers()]).toEqual([1, 1])
  clock.ms = 3_000
  fail(2, 2_000)
  expect([memory.held(), memory.openBreakers()]).toEqual([1, 1])
  clock.ms = 30_000
  memory.gate(endpoint("ep_1")).sent(clock.ms)
  expect([memory.held(), memory.openBreakers()]).toEqual([0, 1])
})
