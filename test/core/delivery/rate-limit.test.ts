import fc from "fast-check"
import { expect, test } from "vitest"
import { limitRate } from "../../../src/core/delivery/rate-limit.ts"

const rates = fc.integer({ min: 1, max: 20 })
const waits = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 200, size: "max" })

/** Sends as often as the rule allows at moments with these gaps. */
function sendAtMoments(perSecond: number, waitsMs: number[], greedy: boolean): number[] {
  const rule = limitRate(perSecond)
  const sent: number[] = []
  let nowMs = 0
  for (const waitMs of waitsMs) {
    nowMs += waitMs
    while (rule.opensAtMs() <= nowMs) {
      rule.sent(nowMs)
      sent.push(nowMs)
      if (!greedy) break
    }
  }
  return sent
}

test("no sliding second has more requests than the rate", () => {
  fc.assert(
    fc.property(rates, waits, fc.boolean(), (perSecond, waitsMs, greedy) => {
      const sent = sendAtMoments(perSecond, waitsMs, greedy)
      for (const [index, atMs] of sent.entries()) {
        expect((sent[index + perSecond] ?? Number.POSITIVE_INFINITY) - atMs).toBeGreaterThanOrEqual(1_000)
      }
    }),
  )
})

test("a sender that waits until `opensAtMs` sends the full rate, second after second", () => {
  fc.assert(
    fc.property(rates, (perSecond) => {
      const rule = limitRate(perSecond)
      let nowMs = 0
      for (let count = 0; count < 5 * perSecond; count++) {
        nowMs = Math.max(nowMs, rule.opensAtMs())
        rule.sent(nowMs)
      }
      expect(nowMs).toBe(4_000)
    }),
  )
})

test("a changed rate counts the requests of the last second", () => {
  fc.assert(
    fc.property(rates, rates, waits, fc.integer({ min: 0, max: 1_500 }), (before, after, waitsMs, restMs) => {
      const rule = limitRate(before)
      let nowMs = 0
      const sent: number[] = []
      const sendAll = (limit: typeof rule) => {
        while (limit.opensAtMs() <= nowMs) {
          limit.sent(nowMs)
          sent.push(nowMs)
        }
      }
      for (const waitMs of waitsMs) {
        nowMs += waitMs
        sendAll(rule)
      }
      nowMs += restMs
      const soFar = sent.filter((atMs) => atMs > nowMs - 1_000).length
      const changed = limitRate(after, rule.lastSentMs())
      sendAll(changed)
      expect(sent.filter((atMs) => atMs > nowMs - 1_000)).toHaveLength(Math.max(soFar, after))
    }),
  )
})

test("after an idle period up to a second's worth goes at once", () => {
  expect(sendAtMoments(3, [0, 60_000, 999, 1], true)).toEqual([0, 0, 0, 60_000, 60_000, 60_000, 61_000, 61_000, 61_000])
})

test("a lower rate counts the latest requests", () => {
  const rule = limitRate(3)
  for (const atMs of [0, 100, 200, 1_000]) rule.sent(atMs)
  expect(limitRate(2, rule.lastSentMs()).opensAtMs()).toBe(1_200)
})
