import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import type { EventFilter } from "../../../src/core/api/resources/event.ts"
import type { Queryable } from "../../../src/store/connection/pool.ts"
import { createReplaysStore } from "../../../src/store/deliveries/replays.ts"
import { createEventsStore } from "../../../src/store/events/events.ts"
import { rowsRead } from "../../support/rows-read.ts"
import { describeStores } from "../../support/stores.ts"

const MANY = 5_000
const MINUTE_MS = 60_000

describeStores("events of a period", (pool) => {
  const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString()

  async function add(connection: Queryable, customerId: string, count: number, minutesAgo: number) {
    await connection.query(
      `insert into events (customer_id, id, day, app_id, platform, event, page_id, sender, conversation_id, received_at,
         body, compact_length)
       select $1, 'evt_' || gen_random_uuid(), current_date, 'app_default', 'facebook', 'message.received', '1', '2', 'conv',
         $3::timestamptz, $4, 2 from generate_series(1, $2::int) n`,
      [customerId, count, ago(minutesAgo), String(minutesAgo)],
    )
  }

  async function given(connection: Queryable) {
    const customerId = `cus_${randomUUID()}`
    await add(connection, customerId, MANY, 600)
    await add(connection, customerId, 2, 300)
    // Committed late, or with a clock that is wrong by half an hour.
    await add(connection, customerId, 1, 330)
    await add(connection, customerId, 2, 299)
    await add(connection, customerId, MANY, 10)
    await connection.query("analyze events")
    const list = async (filter: EventFilter) => {
      const page = { after: null, limit: 50 }
      return (await createEventsStore(connection).list(customerId, filter, page)).data
    }
    return { customerId, list }
  }

  test("are listed without reading those before and after", async () => {
    await pool().transaction(async (connection) => {
      const { customerId, list } = await given(connection)
      const found: string[][] = []
      const rows = await rowsRead(connection, "^events_", async () => {
        found.push(await list({ after: ago(340), before: ago(200) }))
        found.push(await list({ after: ago(340), before: ago(310) }))
        found.push(await list({ after: ago(200), before: ago(190) }))
      })
      expect(found).toEqual([["299", "299", "330", "300", "300"], ["330"], []])
      expect(rows).toBeLessThan(1_000)
      expect(await list({ after: ago(20) })).toHaveLength(50)
      expect(await list({ before: ago(500) })).toHaveLength(50)
      expect(await list({ after: ago(5) })).toEqual([])
      await connection.query("delete from events where customer_id = $1", [customerId])
    })
  })

  test("are counted for a replay without reading those before and after", async () => {
    await pool().transaction(async (connection) => {
      const { customerId } = await given(connection)
      await connection.query("insert into customers (id, name) values ($1, '')", [customerId])
      await connection.query(
        `insert into endpoints (id, customer_id, url, status, events, payload, include_raw, max_concurrency, secrets)
         values ('ep_' || $1, $1, '', 'active', '{*}', 'full', false, 1, '[]')`,
        [customerId],
      )
      const store = { ...pool(), query: connection.query.bind(connection) }
      const replays = createReplaysStore(store, { currentHorizon: async () => Number.MAX_SAFE_INTEGER })
      let count: number | null = null
      const rows = await rowsRead(connection, "^events_", async () => {
        const choice = { after: ago(340), before: ago(200), dry_run: true }
        count = await replays.count(customerId, `ep_${customerId}`, choice, Date.now())
      })
      expect(count).toBe(5)
      expect(rows).toBeLessThan(1_000)
      await connection.query("delete from events where customer_id = $1", [customerId])
      await connection.query("delete from customers where id = $1", [customerId])
    })
  })
})
