import fc from "fast-check"
import { expect, test } from "vitest"
import { createEndpointGate } from "../../../src/core/delivery/endpoint-gate.ts"
import type { Outcome } from "../../../src/core/delivery/outcome.ts"

const DELIVERED: Outcome = { kind: "response", status: 204, retryAfterMs: null, excerpt: "" }
const answer = (retryAfterMs: number | null): Outcome => ({ kind: "response", status: 429, retryAfterMs, excerpt: "" })

test("allows at most `maxConcurrency` requests in flight, and another one as soon as one is answered", () => {
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

test("stays closed while any rule is closed", () => {
  const gate = createEndpointGate({ maxConcurrency: 2, maxRate: 5 }, () => 0)
  gate.sent(0)
  gate.sent(0)
  gate.answered(answer(5_000), 100)
  expect(gate.opensAtMs()).toBe(5_100)
  gate.answered(answer(null), 200)
  expect(gate.opensAtMs()).toBe(5_100)
})

test("at the concurrency limit only an answer opens it, even if a hold has a known end", () => {
  const gate = createEndpointGate({ maxConcurrency: 1, maxRate: null }, () => 0)
  gate.holdUntil(1_000)
  gate.sent(2_000)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
})

test("closes after ten consecutive failures, sends a probe after a second, and reopens in small steps", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  const send = (outcome: Outcome, nowMs: number) => {
    gate.sent(nowMs)
    gate.answered(outcome, nowMs)
  }
  for (let i = 0; i < 10; i++) send({ kind: "timeout", phase: "total" }, i * 200)
  expect(gate.opensAtMs()).toBe(2_800)
  expect(gate.breaker()).toBe("open")
  gate.sent(2_800)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
  gate.answered(DELIVERED, 2_800)
  for (let i = 0; i < 14; i++) send(DELIVERED, 2_800)
  expect(gate.breaker()).toBe("closed")
})

test("counts a failure of our own code as neither success nor failure", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  for (let i = 0; i < 100; i++) {
    gate.sent(0)
    gate.answered({ kind: "fault", reason: "TypeError" }, 0)
  }
  expect(gate.breaker()).toBe("closed")
})

test("waits for a hold set by another dispatcher, then starts slowly", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  gate.holdUntil(5_000)
  expect(gate.opensAtMs()).toBe(5_000)
  gate.sent(5_000)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
})

test("ignores its own hold when it comes back from the store", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  gate.sent(0)
  gate.answered(answer(60_000), 0)
  expect(gate.heldUntilMs()).toBe(60_000)
  gate.holdUntil(60_005)
  expect(gate.opensAtMs()).toBe(60_000)
  expect(gate.breaker()).toBe("closed")
})

test("its concurrency and rate limits do not hold back other dispatchers", () => {
  const gate = createEndpointGate({ maxConcurrency: 1, maxRate: 1 }, () => 0)
  gate.sent(0)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
  expect(gate.heldUntilMs()).toBe(Number.NEGATIVE_INFINITY)
})

test("an endpoint that was enabled again starts slowly", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null, recovering: true }, () => 0)
  expect(gate.opensAtMs()).toBe(Number.NEGATIVE_INFINITY)
  gate.sent(0)
  expect(gate.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
})

test("the gate of a changed endpoint keeps the requests in flight and those of the last second", () => {
  const gate = createEndpointGate({ maxConcurrency: 4, maxRate: 2 }, () => 0)
  for (const atMs of [0, 100]) gate.sent(atMs)
  const changed = gate.changedTo({ maxConcurrency: 3, maxRate: 2 })
  expect(changed.opensAtMs()).toBe(1_000)
  changed.sent(1_000)
  expect(changed.opensAtMs()).toBe(Number.POSITIVE_INFINITY)
  gate.answered(DELIVERED, 1_050)
  expect(changed.opensAtMs()).toBe(1_100)
})

test("a hold set by another dispatcher does not shorten the waits of an open breaker", () => {
  const gate = createEndpointGate({ maxConcurrency: 32, maxRate: null }, () => 0)
  const fail = (nowMs: number) => {
    gate.sent(nowMs)
    gate.answered({ kind: "timeout", phase: "total" }, nowMs)
  }
  for (let count = 0; count < 10; count++) fail(count * 200)
  fail(2_800)
  expect(gate.opensAtMs()).toBe(2_800 + 2_000)
  gate.holdUntil(10_000)
  expect(gate.opensAtMs()).toBe(10_000)
  fail(10_000)
  expect(gate.opensAtMs()).toBe(10_000 + 4_000)
})
