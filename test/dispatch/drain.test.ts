import { describe, expect, test } from "vitest"
import type { Delivery } from "../../src/core/delivery/delivery.ts"
import { until } from "../support/until.ts"
import { answeredAtOnce, delivery, world } from "./drain-world.ts"

describe("a drain", () => {
  test("sends as many at once as the endpoint allows, the next after an answer, then releases the lease", async () => {
    const { due, log, drain, finish, sending, ended } = world()
    due.push(delivery("a"), delivery("b"), delivery("c"))
    drain.wake()
    await until(() => sending.size === 2, "two requests")
    expect(log).toEqual(["send a", "send b"])
    await finish("a")
    await finish("c")
    await finish("b")
    await until(ended, "the drain to end")
    expect(log).toEqual(["send a", "send b", "send c", "release"])
  })

  test("sends new deliveries while a request hangs", async () => {
    const { due, log, drain, finish, ended } = world()
    due.push(delivery("hangs"))
    drain.wake()
    await until(() => log.includes("send hangs"), "the first request")
    due.push(delivery("next"))
    drain.wake()
    await finish("next")
    await finish("hangs")
    await until(ended, "the drain to end")
    expect(log.filter((line) => line.startsWith("send"))).toEqual(["send hangs", "send next"])
  })

  test("finds a delivery that became visible late, behind its cursor, though a request hangs", async () => {
    const { due, log, drain, finish, clock, ended } = world()
    due.push(delivery("hangs"))
    drain.wake()
    await until(() => log.includes("send hangs"), "the first request")
    for (const id of ["m", "n"]) {
      due.push(delivery(id))
      drain.wake()
      await finish(id)
    }
    due.push(delivery("a"))
    drain.wake()
    clock.ms += 100
    await finish("a")
    await finish("hangs")
    await until(ended, "the drain to end")
    expect(log).toContain("send a")
  })

  test("continues a long conversation by itself, although none of it is recorded yet", async () => {
    const rows = Array.from({ length: 30 }, (_, number) => delivery(`a${number + 10}`, { conversationId: "conv_a" }))
    const { sent, attempt, record } = answeredAtOnce()
    const { drain, ended } = world({
      // Like the store: at most eight of a conversation, unless it is requested.
      claim: async ({ held, conversations }) => ({
        holder: "me",
        deliveries: rows
          .filter(({ id }, place) => !held.includes(id) && (place < 8 || conversations.includes("conv_a")))
          .slice(0, sent.length < rows.length ? 8 : 0),
        latest: null,
        hold: null,
      }),
      attempt,
    })
    drain.wake()
    await until(() => sent.length === rows.length, "all requests")
    expect(sent).toEqual(rows.map(({ id }) => id))
    record()
    await until(ended, "the drain to end")
  })

  test("holds no more deliveries, unrecorded included, than other endpoints leave, and always a few", async () => {
    const rows = Array.from({ length: 100 }, (_, number) => delivery(`a${number + 100}`))
    const { sent, attempt, record, areUnrecorded } = answeredAtOnce()
    const load = { held: 1_000_000 }
    const { drain, ended } = world({
      load,
      claim: async ({ limit, held, after }) => ({
        holder: "me",
        deliveries: rows.filter(({ id }) => !held.includes(id) && !sent.includes(id) && id > after).slice(0, limit),
        latest: null,
        hold: null,
      }),
      attempt,
    })
    drain.wake()
    await until(() => sent.length === 32, "the first requests")
    drain.wake()
    expect([sent.length, load.held]).toEqual([32, 1_000_032])
    record()
    await until(() => sent.length === 64, "as many requests again")
    load.held -= 1_000_000
    while (!ended()) {
      record()
      await until(() => areUnrecorded() || ended(), "the remaining requests")
    }
    expect([sent.length, load.held]).toEqual([100, 0])
  })

  test("starts no request while this dispatcher may have lost its leases, and goes on afterwards", async () => {
    let isLive = false
    const { log, due, drain, finish, ended } = world({ isLive: () => isLive })
    due.push(delivery("a"), delivery("b"), delivery("c"))
    drain.wake()
    expect(log).toEqual([])
    isLive = true
    drain.wake()
    await until(() => log.length === 2, "two requests")
    isLive = false
    await finish("a")
    await finish("b")
    await until(() => due.length === 1, "both to be recorded")
    expect(log).toEqual(["send a", "send b"])
    isLive = true
    drain.wake()
    await finish("c")
    await until(ended, "the drain to end")
  })

  test("sends nothing that was claimed under the name of an earlier session, but claims it again", async () => {
    let holder = "me"
    const claims: ((deliveries: Delivery[], by: string) => void)[] = []
    const { log, drain, finish, ended } = world({
      holder: () => holder,
      claim: () =>
        new Promise((resolve) =>
          claims.push((deliveries, by) => resolve({ holder: by, deliveries, latest: null, hold: null })),
        ),
    })
    drain.wake()
    const first = await until(() => claims.shift(), "the first claim")
    holder = "me again"
    drain.leaseLost()
    first([delivery("a")], "me")
    const second = await until(() => claims.shift(), "another claim")
    expect(log).toEqual([])
    second([delivery("a")], "me again")
    await finish("a")
    await until(() => claims.length > 0 || ended(), "the next step")
    for (const claim of claims) claim([], "me again")
    await until(ended, "the drain to end")
  })

  test("forwards a wake, once, to the dispatcher that holds the lease", async () => {
    const { log, drain, ended } = world({
      claim: async () => ({ holder: "other", deliveries: [], latest: null, hold: null }),
      release: async () => 0,
    })
    drain.wake()
    await until(ended, "the drain to end")
    expect(log).toEqual(["forward wake to other"])
  })

  test("claims once more when deliveries are due but none can be read, then leaves them to the sweeper", async () => {
    let claims = 0
    const { log, drain, ended } = world({
      claim: async () => {
        claims += 1
        return { holder: "me", deliveries: [], latest: null, hold: null }
      },
      release: async () => 0,
    })
    drain.wake()
    await until(ended, "the drain to end")
    expect(claims).toBe(2)
    expect(log).toEqual([])
  })

  test("schedules a wake for a delivery that is due later", async () => {
    const { log, drain, ended } = world({ release: async () => 5_000 })
    drain.wake()
    await until(ended, "the drain to end")
    expect(log).toEqual(["later 5000"])
  })

  test("continues when a delivery became due while the lease was released", async () => {
    let releases = 0
    const { due, log, drain, finish, ended } = world({
      release: async () => {
        releases += 1
        if (releases === 1) due.push(delivery("late"))
        return releases === 1 ? -3 : null
      },
    })
    drain.wake()
    await finish("late")
    await until(ended, "the drain to end")
    expect(log).toEqual(["send late"])
  })

  test("sends nothing that it prefetched once the lease is lost", async () => {
    const { due, log, drain, finish, ended } = world()
    due.push(delivery("a"), delivery("b"), delivery("c"), delivery("d"))
    drain.wake()
    await until(() => log.length === 2, "two requests")
    drain.leaseLost()
    await finish("a")
    await finish("b")
    await until(ended, "the drain to end")
    expect(log).toEqual(["send a", "send b", "release"])
  })

  test("stops when every request in flight is recorded", async () => {
    const { due, log, drain, finish } = world()
    due.push(delivery("a"), delivery("b"), delivery("c"))
    drain.wake()
    await until(() => log.length === 2, "two requests")
    let stopped = false
    const stopping = drain.stop().then(() => {
      stopped = true
    })
    await finish("a")
    expect(stopped).toBe(false)
    await finish("b")
    await stopping
    expect(log).toEqual(["send a", "send b", "release"])
  })

  test("reports a result that could not be recorded, and frees its delivery to be claimed again", async () => {
    const { due, log, drain, finish, ended } = world()
    due.push(delivery("a"))
    drain.wake()
    await finish("a", new Error("store away"))
    await until(ended, "the drain to end")
    expect(log).toEqual(["send a", "error store away", "release"])
  })

  test("ends when the store is unreachable; the sweeper wakes it again", async () => {
    const away = async () => {
      throw new Error("away")
    }
    const { log, drain, ended } = world({ claim: away, release: away })
    drain.wake()
    await until(ended, "the drain to end")
    expect(log).toEqual(["error away", "error away"])
  })
})
