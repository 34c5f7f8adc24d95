import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import type { Delivery } from "../../../src/core/delivery/delivery.ts"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { claimOf, eventRows, record } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

describeStores("the order of conversations", (pool) => {
  const world = () => {
    const endpointId = `ep_${randomUUID()}`
    const drains = createDrainsStore(pool(), () => "me", 30)
    return {
      endpointId,
      async arrive(conversationId: string, body: string, given: { deliveryId?: string; ordered?: boolean } = {}) {
        const ordered = conversationId !== "" && (given.ordered ?? true)
        const rows = eventRows({ endpointId, conversationId, body, ordered })
        const [made] = rows.deliveries
        if (made && given.deliveryId) made.id = given.deliveryId
        await commit(pool(), rows)
      },
      async claim(held: Delivery[] = [], limit = 100, after = "", conversations: string[] = [], replays = 9) {
        const ids = held.map(({ id }) => id)
        const [claimed] = await drains.claim([claimOf(endpointId, { limit, held: ids, after, conversations, replays })])
        return claimed?.deliveries ?? []
      },
      finish: (delivery: Delivery) => recordResults(pool(), [record(endpointId, delivery)]),
      fail: (delivery: Delivery, retryInMs: number) =>
        recordResults(pool(), [record(endpointId, delivery, { verdict: "retry", status: 500, retryInMs })]),
      release: async () => (await drains.release([{ endpointId, forMs: 0, revisionMs: 0 }]))[0],
    }
  }
  const bodies = (deliveries: Delivery[]) => deliveries.map(({ body }) => body)

  test("after a failure, the rest of the conversation waits, and other conversations continue", async () => {
    const { arrive, claim, fail, finish, release } = world()
    for (const body of ["1", "2", "3"]) await arrive("conv_a", body)
    await arrive("conv_b", "4")
    const [first, ...rest] = await claim()
    expect(bodies([first as Delivery, ...rest])).toEqual(["1", "2", "3", "4"])
    await fail(first as Delivery, 60_000)
    expect(bodies(await claim())).toEqual(["4"])
    await finish(rest[2] as Delivery)
    expect(await claim()).toEqual([])
    // Deliveries that wait for the failed one do not make the endpoint due before it.
    expect(await release()).toBeGreaterThan(50_000)
  })

  test("the conversation continues with the failed delivery, and only then with later ones", async () => {
    const { arrive, claim, fail, finish } = world()
    for (const body of ["1", "2"]) await arrive("conv_a", body)
    const [first] = await claim()
    await fail(first as Delivery, -1)
    const [again, ...rest] = await claim()
    expect([again?.body, again?.attempts, rest]).toEqual(["1", 1, []])
    // Once held by the dispatcher, it blocks nothing: the dispatcher keeps the order.
    expect(bodies(await claim([again as Delivery]))).toEqual(["2"])
    await finish(again as Delivery)
    expect(bodies(await claim())).toEqual(["2"])
  })

  test("a claim after a later position returns nothing that must wait for deliveries before it", async () => {
    const { arrive, claim } = world()
    for (const body of ["1", "2"]) await arrive("conv_a", body)
    await arrive("conv_b", "3")
    const [first, second] = await claim()
    expect(bodies(await claim([], 9, first?.id))).toEqual(["3"])
    expect(bodies(await claim([first as Delivery], 9, first?.id))).toEqual(["2", "3"])
    expect(bodies(await claim([first as Delivery], 9, second?.id))).toEqual(["3"])
  })

  test("an exhausted delivery lets the next ones go", async () => {
    const { endpointId, arrive, claim } = world()
    for (const body of ["1", "2"]) await arrive("conv_a", body)
    const [first] = await claim()
    await recordResults(pool(), [record(endpointId, first as Delivery, { verdict: "exhausted", status: 500 })])
    expect(bodies(await claim())).toEqual(["2"])
  })

  test("a delivery whose last attempt failed lets the next ones go, also if a retry was requested for it", async () => {
    const { endpointId, arrive, claim } = world()
    for (const body of ["1", "2"]) await arrive("conv_a", body)
    const [first] = await claim()
    const { id } = first as Delivery
    const requested = "update deliveries set stage = 'retry', due_at = now(), trigger = 'manual' where id = $1"
    await pool().query(requested, [id])
    await recordResults(pool(), [record(endpointId, first as Delivery, { verdict: "exhausted", status: 500 })])
    expect(bodies(await claim())).toEqual(["1", "2"])
    await pool().query("update deliveries set due_at = now() + interval '1 hour' where id = $1", [id])
    expect(bodies(await claim())).toEqual(["2"])
  })

  test("the order is that of the commits, also if a gateway's clock contradicts it", async () => {
    const { arrive, claim, finish } = world()
    const [late, early] = [`dlv_7zz_${randomUUID()}`, `dlv_6aa_${randomUUID()}`]
    await arrive("conv_a", "1", { deliveryId: late })
    await arrive("conv_a", "2", { deliveryId: early })
    const [first, ...rest] = await claim()
    expect([first?.body, rest]).toEqual(["1", []])
    expect(bodies(await claim([first as Delivery]))).toEqual(["2"])
    await finish(first as Delivery)
    expect(bodies(await claim())).toEqual(["2"])
  })

  test("three events whose ids contradict their order are read up to the contradiction", async () => {
    const { arrive, claim } = world()
    const idOf = (start: string) => `dlv_${start}_${randomUUID()}`
    await arrive("conv_a", "1", { deliveryId: idOf("7bb") })
    await arrive("conv_a", "2", { deliveryId: idOf("7aa") })
    await arrive("conv_a", "3", { deliveryId: idOf("7cc") })
    const first = await claim()
    expect(bodies(first)).toEqual(["1"])
    expect(bodies(await claim(first))).toEqual(["2", "3"])
  })

  test("a long conversation leaves room for others in a claim", async () => {
    const { arrive, claim } = world()
    for (let number = 1; number <= 20; number++) await arrive("conv_long", `long ${number}`)
    await arrive("conv_b", "b")
    const claimed = await claim()
    expect(bodies(claimed)).toEqual([...Array.from({ length: 8 }, (_, index) => `long ${index + 1}`), "b"])
    expect(await claim(claimed)).toEqual([])
    expect(bodies(await claim(claimed.slice(1)))).toEqual(["long 1"])
  })

  test("a conversation that can continue is found by its id, whatever waits before it, and is not read twice", async () => {
    const { arrive, claim, fail, finish } = world()
    await arrive("conv_a", "a1")
    for (let number = 1; number <= 20; number++) await arrive("conv_b", `b${number}`)
    await arrive("conv_a", "a2")
    const [a1, ...first] = await claim()
    await fail(a1 as Delivery, 60_000)
    await finish(first[0] as Delivery)
    const held = first.slice(1)
    const last = held.at(-1)?.id
    expect(bodies(await claim(held, 9, last))).toEqual([])
    const next = await claim(held, 9, last, ["conv_a", "conv_b"])
    expect(bodies(next)).toEqual(["b9", "b10", "b11", "b12", "b13", "b14", "b15", "b16"])
    expect(bodies(await claim([...held, ...next], 9, "", ["conv_b"]))).toEqual(["b17", "b18", "b19", "b20"])
  })

  test("for an ordered endpoint, a claim returns the latest delivery, whether it may be sent or not", async () => {
    const { endpointId, arrive } = world()
    await arrive("conv_a", "1")
    await arrive("conv_a", "2")
    const drains = createDrainsStore(pool(), () => "me", 30)
    const latest = async (given: object) => (await drains.claim([claimOf(endpointId, given)]))[0]?.latest
    const [, second] = (await drains.claim([claimOf(endpointId)]))[0]?.deliveries ?? []
    expect(await latest({ ordered: true, limit: 1 })).toBe(second?.id)
    expect(await latest({ ordered: true, after: second?.id })).toBe(second?.id)
    expect(await latest({ ordered: false })).toBeNull()
    const others = await createDrainsStore(pool(), () => "other", 30).claim([claimOf(endpointId, { ordered: true })])
    expect(others).toEqual([{ holder: "me", deliveries: [], latest: null, hold: null }])
    expect((await drains.claim([claimOf(`ep_${randomUUID()}`, { ordered: true })]))[0]?.latest).toBeNull()
  })

  test("endpoints without ordering, and events without a conversation, wait for nothing", async () => {
    const { arrive, claim, fail } = world()
    await arrive("conv_a", "1", { ordered: false })
    await arrive("conv_a", "2", { ordered: false })
    await arrive("", "3")
    await arrive("", "4")
    const [first, second, third] = await claim()
    await fail(first as Delivery, 60_000)
    await fail(third as Delivery, 60_000)
    expect(bodies(await claim())).toEqual([second?.body, "4"])
  })

  test("replays are claimed after everything else, and no more than requested", async () => {
    const { endpointId, arrive, claim } = world()
    for (const body of ["1", "2"]) await arrive("conv_a", body, { ordered: false })
    await pool().query("update deliveries set stage = 'replay', trigger = 'replay' where endpoint_id = $1", [
      endpointId,
    ])
    await arrive("conv_a", "new", { ordered: false })
    const claimed = await claim()
    expect(claimed.map(({ body, trigger }) => [body, trigger])).toEqual([
      ["new", null],
      ["1", "replay"],
      ["2", "replay"],
    ])
    expect(bodies(await claim([], 100, "", [], 1))).toEqual(["new", "1"])
    expect(bodies(await claim(claimed.slice(0, 2)))).toEqual(["2"])
  })

  test("if two deliveries of a conversation failed, the later waits for the earlier, whichever is due first", async () => {
    const { arrive, claim, fail } = world()
    for (const body of ["1", "2"]) await arrive("conv_a", body)
    const [first, second] = await claim()
    await fail(first as Delivery, -1_000)
    await fail(second as Delivery, -60_000)
    const due = await claim()
    expect(bodies(due)).toEqual(["1"])
    expect(bodies(await claim(due))).toEqual(["2"])
  })

  test("a failed delivery waits for an earlier one whose result was lost", async () => {
    const { arrive, claim, fail } = world()
    for (const body of ["1", "2"]) await arrive("conv_a", body)
    const [, second] = await claim()
    await fail(second as Delivery, -1)
    expect(bodies(await claim())).toEqual(["1"])
  })

  test("failed deliveries are retried in the order in which they are due", async () => {
    const { arrive, claim, fail } = world()
    for (const body of ["1", "2", "3"]) await arrive("", body)
    for (const [place, one] of (await claim()).entries()) await fail(one, [-2_000, -3_000, -1_000][place] ?? 0)
    expect(bodies(await claim([], 2))).toEqual(["2", "1"])
  })

  test("a requested conversation is returned once, and not at all after a failed delivery", async () => {
    const { arrive, claim, fail } = world()
    for (const body of ["1", "2", "3"]) await arrive("conv_a", body)
    const [first] = await claim([], 1)
    expect(bodies(await claim([first as Delivery], 9, "", ["conv_a"]))).toEqual(["2", "3"])
    await fail(first as Delivery, 60_000)
    expect(await claim([], 9, "", ["conv_a"])).toEqual([])
  })

  test("a conversation requested for one endpoint does not change another endpoint's claim", async () => {
    const [requesting, other] = [`ep_${randomUUID()}`, `ep_${randomUUID()}`]
    for (const endpointId of [requesting, other]) {
      for (const body of ["1", "2"]) {
        await commit(pool(), eventRows({ endpointId, conversationId: "conv_a", body, ordered: true }))
      }
    }
    const claims = await createDrainsStore(pool(), () => "me", 30).claim([
      claimOf(requesting, { conversations: ["conv_a"] }),
      claimOf(other),
    ])
    expect(claims.map(({ deliveries }) => bodies(deliveries))).toEqual([
      ["1", "2"],
      ["1", "2"],
    ])
  })
})
