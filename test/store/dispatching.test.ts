import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import { commit } from "../../src/store/commit.ts"
import { createDrainsStore } from "../../src/store/drains.ts"
import { recordResults } from "../../src/store/results.ts"
import { eventRows, record } from "../support/rows.ts"
import { describeStores } from "../support/stores.ts"

const endpoint = () => `ep_${randomUUID()}`

describeStores("deliveries", (pool) => {
  const drains = (holder: string, leaseSeconds = 30) => createDrainsStore(pool(), holder, leaseSeconds)
  const claim = async (holder: string, endpointId: string, held: string[] = [], limit = 100) => {
    const [claimed] = await drains(holder).claim([{ endpointId, limit, held }])
    if (!claimed) throw new Error("no claim")
    return claimed
  }

  describe("commit", () => {
    test("an event committed again makes no second delivery", async () => {
      const endpointId = endpoint()
      const rows = eventRows({ endpointId })
      expect(await commit(pool(), rows)).toBe(1)
      const again = eventRows({ endpointId, id: rows.events[0]?.id ?? "" })
      expect(await commit(pool(), again)).toBe(0)
      expect((await claim("me", endpointId)).deliveries).toHaveLength(1)
    })

    test.each([
      ["without a time", 0],
      ["from 2018", 17_600],
      ["from the far future", 99_999],
    ])("an event %s is kept and recognized", async (_name, day) => {
      const endpointId = endpoint()
      const rows = eventRows({ endpointId, day })
      await commit(pool(), rows)
      expect(await commit(pool(), eventRows({ endpointId, day, id: rows.events[0]?.id ?? "" }))).toBe(0)
    })

    test("faults and unrouted pages are kept with the events or not at all", async () => {
      const endpointId = endpoint()
      const pageId = randomUUID()
      const page = { appId: "app_default", platform: "facebook", pageId, events: 1 }
      const rows = { ...eventRows({ endpointId }), unrouted: [page, page] }
      const bad = { id: "flt_x\0", appId: "a", platform: "facebook", path: "", reason: "", item: "" }
      await expect(commit(pool(), { ...rows, faults: [bad] })).rejects.toThrow()
      expect((await claim("me", endpointId)).deliveries).toHaveLength(0)
      await commit(pool(), rows)
      expect((await claim("me", endpointId)).deliveries).toHaveLength(1)
      const { rows: found } = await pool().query("select events::int from unrouted_pages where page_id = $1", [pageId])
      expect(found).toEqual([{ events: 2 }])
    })
  })

  describe("claim", () => {
    test("gives what is due in the order of arrival, with its body", async () => {
      const endpointId = endpoint()
      for (const body of ["1", "2", "3"]) await commit(pool(), eventRows({ endpointId, body }))
      expect((await claim("me", endpointId)).deliveries.map(({ body }) => body)).toEqual(["1", "2", "3"])
    })

    test("gives no more than asked, and nothing that is held", async () => {
      const endpointId = endpoint()
      for (const body of ["1", "2", "3"]) await commit(pool(), eventRows({ endpointId, body }))
      const first = await claim("me", endpointId, [], 2)
      const held = first.deliveries.map(({ id }) => id)
      expect(held).toHaveLength(2)
      expect((await claim("me", endpointId, held)).deliveries.map(({ body }) => body)).toEqual(["3"])
    })

    test("serves many endpoints in one statement, each with its own deliveries", async () => {
      const [a, b, empty] = [endpoint(), endpoint(), endpoint()]
      await commit(pool(), eventRows({ endpointId: a, body: "a" }))
      await commit(pool(), eventRows({ endpointId: b, body: "b" }))
      const claims = await drains("me").claim([a, b, empty].map((endpointId) => ({ endpointId, limit: 9, held: [] })))
      expect(claims.map(({ deliveries }) => deliveries.map(({ body }) => body))).toEqual([["a"], ["b"], []])
    })

    test("an endpoint belongs to one dispatcher until that gives it back", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      expect((await claim("one", endpointId)).deliveries).toHaveLength(1)
      expect(await claim("two", endpointId)).toEqual({ holder: "one", deliveries: [] })
      await drains("one").release([endpointId])
      expect((await claim("two", endpointId)).deliveries).toHaveLength(1)
    })

    test("an endpoint whose dispatcher died goes to the next one when the lease has run out", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      await drains("dead", -1).claim([{ endpointId, limit: 9, held: [] }])
      expect((await claim("two", endpointId)).deliveries).toHaveLength(1)
      expect(await drains("dead").renew([endpointId])).toEqual(new Set())
    })
  })

  describe("results", () => {
    const due = async (endpointId: string) => {
      const [delivery] = (await claim("me", endpointId)).deliveries
      if (!delivery) throw new Error("nothing is due")
      return delivery
    }
    const stateOf = async (id: string) => {
      const { rows } = await pool().query(
        "select state, open, attempts, finished_at is not null as finished from deliveries where id = $1",
        [id],
      )
      return rows[0]
    }

    test("a delivery that succeeded is closed and not claimed again", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const delivery = await due(endpointId)
      await recordResults(pool(), [record(delivery)])
      expect(await stateOf(delivery.id)).toEqual({ state: "delivered", open: false, attempts: 1, finished: true })
      expect((await claim("me", endpointId)).deliveries).toEqual([])
      expect(await drains("me").release([endpointId])).toEqual([null])
    })

    test("a delivery to be tried again is due at its time, and the release says when", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const delivery = await due(endpointId)
      const failed = record(delivery, { verdict: "retry", status: 500, retryInMs: 60_000 })
      await recordResults(pool(), [failed])
      expect(await stateOf(delivery.id)).toEqual({ state: "pending", open: true, attempts: 1, finished: false })
      expect((await claim("me", endpointId)).deliveries).toEqual([])
      const [nextDueInMs] = await drains("me").release([endpointId])
      expect(nextDueInMs).toBeGreaterThan(50_000)
      expect(nextDueInMs).toBeLessThanOrEqual(60_000)
    })

    test("every attempt is kept, and one that is recorded twice counts once", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const first = await due(endpointId)
      const failed = record(first, { verdict: "retry", status: 503, retryInMs: 0 })
      await recordResults(pool(), [failed])
      await recordResults(pool(), [failed])
      const second = await due(endpointId)
      expect(second.attempts).toBe(1)
      await recordResults(pool(), [record(second)])
      const { rows } = await pool().query(
        "select number, status from attempts where delivery_id = $1 order by number",
        [first.id],
      )
      expect(rows).toEqual([
        { number: 1, status: 503 },
        { number: 2, status: 200 },
      ])
    })

    test("a late result changes nothing about a delivery that is closed", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const delivery = await due(endpointId)
      await recordResults(pool(), [record(delivery)])
      await recordResults(pool(), [record(delivery, { verdict: "retry", status: 500, retryInMs: 0 })])
      expect(await stateOf(delivery.id)).toMatchObject({ state: "delivered", open: false })
    })
  })
})
