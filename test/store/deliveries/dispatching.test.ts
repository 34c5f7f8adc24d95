import { randomUUID } from "node:crypto"
import { describe, expect, test } from "vitest"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { claimOf, eventRows, record } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

const endpoint = () => `ep_${randomUUID()}`
const open = (endpointId: string) => ({ endpointId, forMs: 0, revisionMs: 0 })

describeStores("deliveries", (pool) => {
  const drains = (holder: string, leaseSeconds = 30) => createDrainsStore(pool(), () => holder, leaseSeconds)
  const claim = async (holder: string, endpointId: string, held: string[] = [], limit = 100, after = "") => {
    const [claimed] = await drains(holder).claim([claimOf(endpointId, { limit, held, after })])
    if (!claimed) throw new Error("no claim")
    return claimed
  }

  describe("commit", () => {
    test("an event committed again creates no second delivery", async () => {
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

    test("faults and unrouted pages are stored with the events or not at all", async () => {
      const endpointId = endpoint()
      const pageId = randomUUID()
      const page = { appId: "app_default", platform: "facebook", pageId, events: 1, testEvents: 0 }
      const rows = { ...eventRows({ endpointId }), unrouted: [page, page] }
      const bad = { id: "flt_x\0", appId: "a", platform: "facebook", pageId: null, path: "", reason: "", item: "" }
      await expect(commit(pool(), { ...rows, faults: [bad] })).rejects.toThrow()
      expect((await claim("me", endpointId)).deliveries).toHaveLength(0)
      await commit(pool(), rows)
      expect((await claim("me", endpointId)).deliveries).toHaveLength(1)
      const { rows: found } = await pool().query("select events::int from unrouted_pages where page_id = $1", [pageId])
      expect(found).toEqual([{ events: 2 }])
    })
  })

  describe("claim", () => {
    test("returns due deliveries in order of arrival, with their body", async () => {
      const endpointId = endpoint()
      for (const body of ["1", "2", "3"]) await commit(pool(), eventRows({ endpointId, body }))
      expect((await claim("me", endpointId)).deliveries.map(({ body }) => body)).toEqual(["1", "2", "3"])
    })

    test("returns no more than requested, and nothing that is already held", async () => {
      const endpointId = endpoint()
      for (const body of ["1", "2", "3"]) await commit(pool(), eventRows({ endpointId, body }))
      const first = await claim("me", endpointId, [], 2)
      const held = first.deliveries.map(({ id }) => id)
      expect(held).toHaveLength(2)
      expect((await claim("me", endpointId, held)).deliveries.map(({ body }) => body)).toEqual(["3"])
    })

    test("reads only what came after a given delivery, if requested", async () => {
      const endpointId = endpoint()
      for (const body of ["1", "2", "3"]) await commit(pool(), eventRows({ endpointId, body }))
      const [, second] = (await claim("me", endpointId)).deliveries
      expect((await claim("me", endpointId, [], 9, second?.id)).deliveries.map(({ body }) => body)).toEqual(["3"])
    })

    test("retries come before first attempts", async () => {
      const endpointId = endpoint()
      for (const body of ["1", "2"]) await commit(pool(), eventRows({ endpointId, body }))
      const [first] = (await claim("me", endpointId, [], 1)).deliveries
      if (!first) throw new Error("nothing is due")
      await commit(pool(), eventRows({ endpointId, body: "3" }))
      await recordResults(pool(), [record(endpointId, first, { verdict: "retry", status: 500, retryInMs: 0 })])
      const bodies = async (held: string[], limit = 9) =>
        (await claim("me", endpointId, held, limit)).deliveries.map(({ body }) => body)
      expect(await bodies([])).toEqual(["1", "2", "3"])
      expect(await bodies([], 2)).toEqual(["1", "2"])
      expect(await bodies([first.id])).toEqual(["2", "3"])
    })

    test("serves many endpoints in one statement, each with its own deliveries", async () => {
      const [a, b, empty] = [endpoint(), endpoint(), endpoint()]
      await commit(pool(), eventRows({ endpointId: a, body: "a" }))
      await commit(pool(), eventRows({ endpointId: b, body: "b" }))
      const claims = await drains("me").claim([a, b, empty].map((endpointId) => claimOf(endpointId)))
      expect(claims.map(({ deliveries }) => deliveries.map(({ body }) => body))).toEqual([["a"], ["b"], []])
    })

    test("an endpoint belongs to one dispatcher until it is released", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      expect((await claim("one", endpointId)).deliveries).toHaveLength(1)
      expect(await claim("two", endpointId)).toEqual({ holder: "one", deliveries: [], latest: null, hold: null })
      await drains("one").release([open(endpointId)])
      expect((await claim("two", endpointId)).deliveries).toHaveLength(1)
    })

    test("an endpoint whose dispatcher died goes to another one when the lease expires", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      await drains("dead", -1).claim([claimOf(endpointId)])
      expect((await claim("two", endpointId)).deliveries).toHaveLength(1)
      expect(await drains("dead").renew([endpointId])).toEqual(new Set())
    })
  })

  describe("a hold", () => {
    test("is known to the next dispatcher, also if the previous one died", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      await drains("dead", -1).claim([claimOf(endpointId)])
      await drains("dead").hold([{ endpointId, forMs: 60_000, revisionMs: 1_790_000_000_123 }])
      const { hold } = await claim("two", endpointId)
      expect(hold?.revisionMs).toBe(1_790_000_000_123)
      expect(hold?.forMs).toBeGreaterThan(50_000)
      expect(hold?.forMs).toBeLessThanOrEqual(60_000)
    })

    test("can be set by the holder of the lease only, and ends with a release without one", async () => {
      const endpointId = endpoint()
      await claim("one", endpointId)
      await drains("two").hold([{ endpointId, forMs: 60_000, revisionMs: 1 }])
      expect((await claim("one", endpointId)).hold).toBeNull()
      await drains("one").release([{ endpointId, forMs: 60_000, revisionMs: 1 }])
      expect((await claim("two", endpointId)).hold).not.toBeNull()
      await drains("two").release([open(endpointId)])
      expect((await claim("one", endpointId)).hold).toBeNull()
    })
  })

  describe("results", () => {
    const due = async (endpointId: string) => {
      const [delivery] = (await claim("me", endpointId)).deliveries
      if (!delivery) throw new Error("nothing is due")
      return delivery
    }
    const stageOf = async (id: string) => {
      const { rows } = await pool().query(
        "select stage, attempts, finished_at is not null as finished from deliveries where id = $1",
        [id],
      )
      return rows[0]
    }

    test("a delivery that succeeded is finished and not claimed again", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const delivery = await due(endpointId)
      await recordResults(pool(), [record(endpointId, delivery)])
      expect(await stageOf(delivery.id)).toEqual({ stage: "delivered", attempts: 1, finished: true })
      expect((await claim("me", endpointId)).deliveries).toEqual([])
      expect(await drains("me").release([open(endpointId)])).toEqual([null])
    })

    test("a delivery to be retried is due at its time, and the release says when", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const delivery = await due(endpointId)
      const failed = record(endpointId, delivery, { verdict: "retry", status: 500, retryInMs: 60_000 })
      await recordResults(pool(), [failed])
      expect(await stageOf(delivery.id)).toEqual({ stage: "retry", attempts: 1, finished: false })
      expect((await claim("me", endpointId)).deliveries).toEqual([])
      const [nextDueInMs] = await drains("me").release([open(endpointId)])
      expect(nextDueInMs).toBeGreaterThan(50_000)
      expect(nextDueInMs).toBeLessThanOrEqual(60_000)
    })

    const attemptsOf = async (id: string) =>
      (await pool().query("select number, verdict, status from attempts where delivery_id = $1 order by number", [id]))
        .rows

    test("an attempt followed by another gets its own row, the last one is stored with its delivery", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const first = await due(endpointId)
      await recordResults(pool(), [record(endpointId, first, { verdict: "retry", status: 503, retryInMs: 0 })])
      const second = await due(endpointId)
      expect(second.attempts).toBe(1)
      const answered = record(endpointId, second, { status: 201, response: "thanks", durationMs: 7 })
      await recordResults(pool(), [answered])
      expect(await attemptsOf(first.id)).toEqual([{ number: 1, verdict: "retry", status: 503 }])
      const columns = "stage, attempts, due_at, started_at, duration_ms, outcome, status, error, response"
      const { rows } = await pool().query(`select ${columns} from deliveries where id = $1`, [first.id])
      expect(rows).toEqual([
        {
          stage: "delivered",
          attempts: 2,
          due_at: null,
          started_at: new Date(answered.startedAtMs),
          duration_ms: 7,
          outcome: "response",
          status: 201,
          error: null,
          response: "thanks",
        },
      ])
    })

    test("an attempt recorded twice counts once, and delays nothing", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const delivery = await due(endpointId)
      const failed = record(endpointId, delivery, { verdict: "retry", status: 503, retryInMs: 0 })
      await recordResults(pool(), [failed])
      await recordResults(pool(), [{ ...failed, retryInMs: 60_000 }])
      expect(await attemptsOf(delivery.id)).toHaveLength(1)
      const again = await due(endpointId)
      expect(again.attempts).toBe(1)
      await recordResults(pool(), [record(endpointId, again), record(endpointId, again)])
      await recordResults(pool(), [record(endpointId, again)])
      expect(await stageOf(delivery.id)).toEqual({ stage: "delivered", attempts: 2, finished: true })
    })

    test("a success counts even after the lease was lost, and no attempt hides another", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const delivery = await due(endpointId)
      await recordResults(pool(), [record(endpointId, delivery, { verdict: "retry", status: 503, retryInMs: 60_000 })])
      await recordResults(pool(), [record(endpointId, delivery)])
      expect(await stageOf(delivery.id)).toEqual({ stage: "delivered", attempts: 2, finished: true })
      expect(await attemptsOf(delivery.id)).toHaveLength(1)
    })

    test("a late result does not change a finished delivery", async () => {
      const endpointId = endpoint()
      await commit(pool(), eventRows({ endpointId }))
      const delivery = await due(endpointId)
      await recordResults(pool(), [record(endpointId, delivery)])
      await recordResults(pool(), [record(endpointId, delivery, { verdict: "retry", status: 500, retryInMs: 0 })])
      expect(await stageOf(delivery.id)).toMatchObject({ stage: "delivered" })
    })
  })
})
