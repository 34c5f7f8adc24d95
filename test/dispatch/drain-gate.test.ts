import { describe, expect, test } from "vitest"
import { until } from "../support/until.ts"
import { CHANGED, CHANGED_LATER, delivery, holdFor, world } from "./drain-world.ts"

describe("a drain with a closed gate", () => {
  test("an answer with Retry-After holds the whole endpoint, whose lease is released until then", async () => {
    const { due, log, drain, finish, ended } = world({
      release: async ({ forMs }) => {
        log.push(`release ${forMs}`)
        return -1
      },
    })
    due.push(delivery("a"), delivery("b"), delivery("c"))
    drain.wake()
    await finish("a", { retryInMs: 60_000, outcome: holdFor(60_000) })
    drain.wake()
    await finish("b")
    await until(ended, "the drain to end")
    expect(log).toEqual(["send a", "send b", "hold 60000", "release 60000", "later 60000"])
  })

  test("publishes a hold that is clearly longer than the last one, and reports a failing store", async () => {
    const { due, log, drain, finish, ended } = world({
      endpoint: () => CHANGED,
      hold: async ({ forMs }) => {
        throw new Error(`no hold of ${forMs}`)
      },
    })
    due.push(delivery("a"), delivery("b"), delivery("c"))
    drain.wake()
    await finish("a", { retryInMs: null, outcome: holdFor(60_000) })
    await finish("b", { retryInMs: null, outcome: holdFor(61_999) })
    await finish("c", { retryInMs: null, outcome: holdFor(62_000) })
    await until(ended, "the drain to end")
    expect(log.filter((line) => line.startsWith("error"))).toEqual(["error no hold of 60000", "error no hold of 62000"])
  })

  test.each([
    ["respects a hold that another dispatcher stored", 7, ["release", "later 60000"]],
    ["ignores such a hold if the endpoint was changed since", 6, ["send a", "release"]],
  ])("%s", async (_name, revisionMs, expected) => {
    const { due, log, drain, finish, clock, ended } = world({
      endpoint: () => CHANGED,
      claim: async ({ held }) => ({
        holder: "me",
        deliveries: due.filter(({ id }) => !held.includes(id)),
        latest: null,
        hold: { forMs: 60_000, revisionMs },
      }),
      release: async () => {
        log.push("release")
        return due.length > 0 ? -1 : null
      },
    })
    clock.ms = 7_000
    due.push(delivery("a"))
    drain.wake()
    if (expected.includes("send a")) await finish("a")
    await until(ended, "the drain to end")
    expect(log).toEqual(expected)
  })

  test("a changed endpoint still counts its requests in flight", async () => {
    let endpoint = CHANGED
    const { due, log, drain, finish, sending, ended } = world({ endpoint: () => endpoint })
    for (const id of ["a", "b", "c", "d", "e", "f"]) due.push(delivery(id))
    drain.wake()
    await until(() => sending.size === 3, "as many requests as it allows")
    endpoint = CHANGED_LATER
    drain.wake()
    await finish("a")
    expect([...sending.keys()]).toEqual(["b", "c"])
    for (const id of ["b", "c", "d", "e", "f"]) {
      await finish(id)
      expect(sending.size).toBeLessThanOrEqual(2)
    }
    await until(ended, "the drain to end")
    expect(log.filter((line) => line.startsWith("send"))).toHaveLength(6)
  })

  test("waits for a gate that opens soon, and continues by itself", async () => {
    const { due, log, drain, finish, clock, ended } = world()
    due.push(delivery("a"), delivery("b"), delivery("c"))
    drain.wake()
    await finish("a", { retryInMs: null, outcome: holdFor(20) })
    await finish("b")
    expect(log).toEqual(["send a", "send b"])
    clock.ms += 20
    await finish("c")
    await until(ended, "the drain to end")
    expect(log).toEqual(["send a", "send b", "send c", "release"])
  })
})
