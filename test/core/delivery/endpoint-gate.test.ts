import fc from "fast-check"
import { expect, test } from "vitest"
import { createEndpointGate } from "../../../src/core/delivery/endpoint-gate.ts"
import type { Outcome } from "../../../src/core/delivery/outcome.ts"

const DELIVERED: Outcome = { kind: "response", status: 204, retryAfterMs: null, excerpt: "" }
const answer = (retryAfterMs: number | null): Outcome => ({ kind: "response", status: 429, retryAfterMs, excerpt: "" })

test("never lets more requests be in flight than the endpoint allows, and one more as soon as one is answered", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.boolean()), (maxConcurrency, turns) => {
      const gate = createEndpointGate({ maxConcurrency, maxRate: null }, () => 0)
      let inFlight = 0
      for (const sends of turns) {
        const open = gate.opensAtMs() <= 0
        expect(open).toBe(inFlight < maxConcurrency)
        if (sends && open) {
          gate.sent(0)
          inFlight += 1
        } else if (inFlight > 0) {
          gate.answered(DELIVERED, 0)
          inFlight -= 1
        }
      }
    }),
  )
})

test("stays closed while one rule holds, however open the others are", () => {
  const gate = createEndpointGate({ maxConcurrency: 2, maxRate: 5 }, () => 0)
  gate.sent(0)
  gate.sent(0)
  gate.answered(answer(5_000), 100)
  expect(gate.opensAtMs()).toBe(5_100)
  gate.answered(answer(null), 200)
  expect(gate.opensAtMs()).toBe(5_100)
})

test("only an answer opens it when all requests are in flight, even when a hold has a known end", () => {
  const gate = createEndpointGate({ maxConcurrency: 1, maxRate: null }, () => 0)
  gate.holdUntil(1_000)
  gate.sent(2_000)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
})

test("closes after ten failures in a row, tries one after 30 s, and opens in small steps", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  const send = (outcome: Outcome, nowMs: number) => {
    gate.sent(nowMs)
    gate.answered(outcome, nowMs)
  }
  for (let i = 0; i < 10; i++) send({ kind: "timeout", phase: "total" }, 1_000)
  expect(gate.opensAtMs()).toBe(31_000)
  expect(gate.breaker()).toBe("open")
  gate.sent(31_000)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
  gate.answered(DELIVERED, 31_000)
  for (let i = 0; i < 14; i++) send(DELIVERED, 31_000)
  expect(gate.breaker()).toBe("closed")
})

test("counts a fault of our own neither way", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  for (let i = 0; i < 100; i++) {
    gate.sent(0)
    gate.answered({ kind: "fault", reason: "TypeError" }, 0)
  }
  expect(gate.breaker()).toBe("closed")
})

test("what another dispatcher found out is waited for, and then tried in small steps", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  gate.holdUntil(5_000)
  expect(gate.opensAtMs()).toBe(5_000)
  gate.sent(5_000)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
})

test("what comes back from the store of what it found out itself is no news", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  gate.sent(0)
  gate.answered(answer(60_000), 0)
  expect(gate.heldUntilMs()).toBe(60_000)
  gate.holdUntil(60_005)
  expect(gate.opensAtMs()).toBe(60_000)
  expect(gate.breaker()).toBe("closed")
})

test("its own limits are no reason for others to wait", () => {
  const gate = createEndpointGate({ maxConcurrency: 1, maxRate: 1 }, () => 0)
  gate.sent(0)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
  expect(gate.heldUntilMs()).toBe(Number.NEGATIVE_INFINITY)
})

test("an endpoint that was switched on again is tried in small steps", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null, recovering: true }, () => 0)
  expect(gate.opensAtMs()).toBe(Number.NEGATIVE_INFINITY)
  gate.sent(0)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
})

test("the gate of a changed endpoint counts what is in flight, and what went in the last second", () => {
  const gate = createEndpointGate({ maxConcurrency: 4, maxRate: 2 }, () => 0)
  for (const atMs of [0, 100]) gate.sent(atMs)
  const changed = gate.changedTo({ maxConcurrency: 3, maxRate: 2 })
  expect(changed.opensAtMs()).toBe(1_000)
  changed.sent(1_000)
  expect(changed.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
  gate.answered(DELIVERED, 1_050)
  expect(changed.opensAtMs()).toBe(1_100)
})

test("what another dispatcher found out makes the waits of an open breaker no shorter", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  const fail = (nowMs: number) => {
    gate.sent(nowMs)
    gate.answered({ kind: "timeout", phase: "total" }, nowMs)
  }
  for (let count = 0; count < 10; count++) fail(0)
  fail(30_000)
  expect(gate.opensAtMs()).toBe(90_000)
  gate.holdUntil(100_000)
  expect(gate.opensAtMs()).toBe(100_000)
  fail(100_000)
  expect(gate.opensAtMs()).toBe(100_000 + 120_000)
})
