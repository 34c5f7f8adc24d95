import { describe, expect, test } from "vitest"
import type { Delivery } from "../../src/core/delivery/delivery.ts"
import type { DrainDeps } from "../../src/dispatch/drain-deps.ts"
import { until } from "../support/until.ts"
import { CHANGED, delivery, world } from "./drain-world.ts"

const ONE_AT_A_TIME = { ...CHANGED, maxConcurrency: 1 }

const oneAtATime = (given: Partial<DrainDeps> = {}) => world({ endpoint: () => ONE_AT_A_TIME, ...given })

const isOne = (id: string) => (one: Delivery) => one.eventId === `evt_${id}`

describe("a drain that is notified of an erased event", () => {
  test("claims its prefetched deliveries again, and sends them as stored now, or not at all", async () => {
    const { due, log, drain, finish, ended } = oneAtATime()
    due.push(delivery("a"), delivery("b"), delivery("c"))
    drain.wake()
    await until(() => log.includes("send a"), "the first request")
    due.splice(1, 1)
    drain.erased(isOne("b"))
    await finish("a")
    await finish("c")
    await until(ended, "the drain to end")
    expect(log).toEqual(["send a", "send c", "release"])
  })

  test("does not claim again if it prefetched nothing of the event", async () => {
    let claims = 0
    const { due, log, drain, finish, ended } = oneAtATime({
      claim: async ({ held }) => {
        claims += 1
        return { holder: "me", deliveries: due.filter(({ id }) => !held.includes(id)), latest: null, hold: null }
      },
    })
    due.push(delivery("a"), delivery("b"))
    drain.wake()
    await until(() => log.includes("send a"), "the first request")
    const before = claims
    drain.erased(isOne("a"))
    drain.erased(isOne("elsewhere"))
    expect(claims).toBe(before)
    await finish("a")
    await finish("b")
    await until(ended, "the drain to end")
  })

  test.each([
    ["in any order", null],
    ["in the order of its conversation", "conv_a"],
  ])(
    "does not send what a claim in progress read before the erasure, but claims again, %s",
    async (_name, conversationId) => {
      const asked: ((deliveries: Delivery[]) => void)[] = []
      const { log, drain, finish, ended } = oneAtATime({
        claim: () =>
          new Promise((resolve) => {
            asked.push((deliveries) => resolve({ holder: "me", deliveries, latest: null, hold: null }))
          }),
      })
      const [a, b] = [delivery("a", { conversationId }), delivery("b", { conversationId })]
      drain.wake()
      drain.erased(isOne("a"))
      asked[0]?.([a, b])
      await until(() => asked[1], "the second claim")
      expect(log).toEqual(conversationId === null ? ["send b"] : [])
      asked[1]?.(conversationId === null ? [a] : [a, b])
      for (const id of conversationId === null ? ["b", "a"] : ["a", "b"]) await finish(id)
      await until(ended, "the drain to end")
    },
  )

  test("releases the lease after it was stopped, and claims nothing", async () => {
    const { due, log, drain, finish } = oneAtATime()
    due.push(delivery("a"), delivery("b"))
    drain.wake()
    await until(() => log.includes("send a"), "the first request")
    const stopped = drain.stop()
    drain.erased(isOne("b"))
    await finish("a")
    await stopped
    expect(log).toEqual(["send a", "release"])
  })
})
