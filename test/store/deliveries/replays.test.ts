import { expect, test } from "vitest"
import { NewReplay } from "../../../src/core/api/resources/replay.ts"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { stepReplay } from "../../../src/store/deliveries/replay-step.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { eventRows, record } from "../../support/rows.ts"
import { rowsRead } from "../../support/rows-read.ts"
import { describePostgres, describeStores } from "../../support/stores.ts"
import { AFTER, given, ids } from "./replay-world.ts"

const failOn = (error: unknown) => {
  throw error
}

describeStores("a replay", (pool) => {
  const step = () => stepReplay(pool(), ids, failOn)

  test("creates one delivery for each stored event, in order, batch by batch, with the event's id", async () => {
    const { add, start, waiting, replays, customerId } = await given(pool())
    const events = await add(150)
    const { id } = await start()
    await add(3)
    expect(await step()).toMatchObject({ made: 100 })
    expect(await replays.get(customerId, id)).toMatchObject({ status: "running", total: 150, made: 100 })
    expect(await step()).toMatchObject({ made: 50 })
    expect(await replays.get(customerId, id)).toMatchObject({
      status: "done",
      made: 150,
      finished_at: expect.any(String),
    })
    const made = await waiting()
    expect(made.map(({ event_id }) => event_id)).toEqual(events)
    expect(new Set(made.map(({ trigger }) => trigger))).toEqual(new Set(["replay"]))
    expect(await step()).toBe("none")
  })

  test("adds nothing while the endpoint has enough open deliveries", async () => {
    const { add, start, deliverAll, waiting } = await given(pool())
    await add(350)
    await start()
    for (let steps = 0; steps < 5; steps++) await step()
    expect(await waiting()).toHaveLength(200)
    expect(await step()).toBe("later")
    await deliverAll()
    await pool().query("update replays set next_at = now()")
    for (let steps = 0; steps < 3; steps++) await step()
    expect(await waiting()).toHaveLength(150)
  })

  /** Many equal stored events. */
  async function addMany(customerId: string, count: number) {
    await pool().query(
      `insert into events (customer_id, id, day, app_id, platform, event, page_id, sender,
         conversation_id, received_at, body, compact_length)
       select $1, 'evt_' || n, current_date, 'app_default', 'facebook', 'message.received', '7', '2000', 'conv_fb_x',
         now(), '{}', 2
       from generate_series(1, ${count}) n`,
      [customerId],
    )
  }

  test("waits while the endpoint is not active", async () => {
    const { add, start, waiting, endpointId } = await given(pool())
    await add(3)
    await start()
    const become = (status: string) =>
      pool().query("update endpoints set status = $2 where id = $1", [endpointId, status])
    for (const status of ["paused", "disabled"]) {
      await become(status)
      expect(await step()).toBe("later")
      await pool().query("update replays set next_at = now() where endpoint_id = $1", [endpointId])
    }
    expect(await waiting()).toEqual([])
    await become("active")
    expect(await step()).toMatchObject({ made: 3 })
  })

  test("reads no further than a batch of deliveries needs", async () => {
    const { customerId, start } = await given(pool())
    await addMany(customerId, 2_000)
    await start()
    let rows = Number.NaN
    const counting: Pick<Pool, "transaction" | "query"> = {
      query: pool().query,
      transaction: (work) =>
        pool().transaction(async (connection) => {
          let done: Awaited<ReturnType<typeof work>> | undefined
          rows = await rowsRead(connection, "^events_", async () => {
            done = await work(connection)
          })
          return done as Awaited<ReturnType<typeof work>>
        }),
    }
    expect(await stepReplay(counting, ids, failOn)).toMatchObject({ made: 100 })
    expect(rows).toBeGreaterThanOrEqual(100)
    expect(rows).toBeLessThan(150)
  })

  test("of rare events reads 5,000 events per step and continues after them", async () => {
    const { customerId, add, start, waiting } = await given(pool())
    const [first] = await add(1)
    await addMany(customerId, 5_000)
    const [last] = await add(1)
    await start({ page_id: "100200300" })
    expect(await step()).toMatchObject({ made: 1 })
    expect((await waiting()).map(({ event_id }) => event_id)).toEqual([first])
    expect(await step()).toMatchObject({ made: 1 })
    expect((await waiting()).map(({ event_id }) => event_id)).toEqual([first, last])
    expect(await step()).toBe("none")
  })

  test("keeps its rate", async () => {
    const { add, start, waiting } = await given(pool())
    await add(25)
    await start({ rate: 10 })
    expect(await step()).toMatchObject({ made: 10 })
    expect(await step()).toBe("later")
    await pool().query("update replays set next_at = next_at - interval '1 second'")
    expect(await step()).toMatchObject({ made: 10 })
    expect(await waiting()).toHaveLength(20)
  })

  test("of a state selects the deliveries that ended in it", async () => {
    const { start, waiting, customerId, endpointId, replays } = await given(pool())
    const events: string[] = []
    for (const verdict of ["delivered", "exhausted", "exhausted"] as const) {
      const rows = eventRows({ endpointId, customerId })
      await commit(pool(), rows)
      await recordResults(pool(), [record(endpointId, { id: rows.deliveries[0]?.id ?? "", attempts: 0 }, { verdict })])
      if (verdict === "exhausted") events.push(rows.events[0]?.id ?? "")
    }
    const { id } = await start({ state: "exhausted" })
    expect(await step()).toMatchObject({ made: 2 })
    expect((await waiting()).map(({ event_id }) => event_id)).toEqual(events)
    expect(await replays.get(customerId, id)).toMatchObject({ status: "done", total: 2, made: 2 })
  })

  test("of a state creates each delivery once, although its own end in that state while it runs", async () => {
    const { start, deliverAll, customerId, endpointId, replays } = await given(pool())
    for (let count = 0; count < 150; count++) await commit(pool(), eventRows({ endpointId, customerId }))
    await deliverAll()
    const { id } = await start({ state: "delivered" })
    for (let steps = 0; steps < 10 && (await step()) !== "none"; steps++) await deliverAll()
    expect(await replays.get(customerId, id)).toMatchObject({ status: "done", total: 150, made: 150 })
  })

  test("of a state recognizes its own deliveries even if the clock has not advanced since it began", async () => {
    const { start, deliverAll, customerId, endpointId, replays } = await given(pool())
    for (let count = 0; count < 3; count++) await commit(pool(), eventRows({ endpointId, customerId }))
    await deliverAll()
    const { id } = await start({ state: "delivered", rate: 2 })
    expect(await step()).toMatchObject({ made: 2 })
    await pool().query(
      `update replays set next_at = now(),
         created_at = (select max(created_at) from deliveries where endpoint_id = $2) where id = $1`,
      [id, endpointId],
    )
    await deliverAll()
    expect(await step()).toMatchObject({ made: 1 })
    expect(await replays.get(customerId, id)).toMatchObject({ status: "done", made: 3 })
  })

  test("selects the requested events that the endpoint subscribes to", async () => {
    const { customerId, start, waiting, replays, endpointId } = await given(pool(), [
      "message.received",
      "lead.received",
    ])
    const add = async (more: object) => {
      const rows = eventRows({ endpointId: "ep_other", customerId })
      Object.assign(rows.events[0] as object, more)
      await commit(pool(), rows)
      return rows.events[0]?.id ?? ""
    }
    const wanted = await add({ pageId: "7", conversationId: "conv_fb_7" })
    await add({ pageId: "8", conversationId: "conv_fb_7" })
    await add({ pageId: "7", conversationId: "conv_fb_8" })
    await add({ pageId: "7", conversationId: "conv_fb_7", event: "lead.received" })
    await add({ pageId: "7", conversationId: "conv_fb_7", event: "status.update" })
    await add({ pageId: "7", conversationId: "conv_fb_7", appId: "app_test" })
    const count = (more: object) =>
      replays.count(customerId, endpointId, NewReplay.parse({ after: AFTER, ...more }), Date.now())
    expect(await count({})).toBe(4)
    expect(await count({ page_id: "7" })).toBe(3)
    expect(await count({ after: "2090-01-01T00:00:00Z" })).toBe(0)
    expect(await count({ before: AFTER })).toBe(0)
    await start({ page_id: "7", conversation_id: "conv_fb_7", event: "message.received" })
    await step()
    expect((await waiting()).map(({ event_id }) => event_id)).toEqual([wanted])
  })

  test("that is canceled creates no further deliveries", async () => {
    const { add, start, waiting, replays, customerId } = await given(pool())
    await add(120)
    const { id } = await start()
    await step()
    expect(await replays.cancel(customerId, id)).toMatchObject({ status: "canceled", made: 100 })
    expect(await step()).toBe("none")
    expect(await waiting()).toHaveLength(100)
    expect(await replays.cancel(customerId, id)).toMatchObject({ status: "canceled" })
  })
})

describePostgres("several dispatchers", (pool) => {
  test("work on a replay one at a time, and create each delivery once", async () => {
    const { add, start, deliverAll, replays, customerId } = await given(pool())
    await add(1_000)
    const { id } = await start()
    let delivered = 0
    while ((await replays.get(customerId, id))?.status === "running") {
      await Promise.all([1, 2, 3, 4].map(() => stepReplay(pool(), ids, failOn)))
      delivered += await deliverAll()
      await pool().query("update replays set next_at = now() where id = $1", [id])
    }
    expect(delivered + (await deliverAll())).toBe(1_000)
    expect(await replays.get(customerId, id)).toMatchObject({ status: "done", made: 1_000 })
  })
})
