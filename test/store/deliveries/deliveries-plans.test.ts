import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import type { DeliveryFilter } from "../../../src/core/api/resources/delivery.ts"
import { firstIdAt } from "../../../src/core/event/ids.ts"
import type { Pool, Queryable } from "../../../src/store/connection/pool.ts"
import { createDeliveriesStore } from "../../../src/store/deliveries/deliveries.ts"
import { createVault } from "../../../src/store/directory/vault.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { eventRows } from "../../support/rows.ts"
import { rowsRead } from "../../support/rows-read.ts"
import { describeStores } from "../../support/stores.ts"

const BACKLOG = 5_000
const VAULT = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])

describeStores("a listing of deliveries", (pool) => {
  const list = (connection: Queryable, customerId: string, filter: DeliveryFilter) => {
    const store: Pool = {
      ...pool(),
      query: connection.query.bind(connection),
      transaction: (work) => work(connection),
    }
    return createDeliveriesStore(store, VAULT).list(customerId, filter, { after: null, limit: 50 })
  }

  async function addEndpoints(connection: Queryable, customerId: string, count: number) {
    await connection.query("insert into customers (id, name) values ($1, '')", [customerId])
    await connection.query(
      `insert into endpoints (id, customer_id, url, status, events, payload, include_raw, max_concurrency, secrets)
       select 'ep_' || $1 || n, $1, '', 'active', '{*}', 'full', false, 1, '[]' from generate_series(1, $2::int) n`,
      [customerId, count],
    )
  }

  test("reads no open deliveries of other customers' endpoints", async () => {
    await pool().transaction(async (connection) => {
      const customerId = `cus_${randomUUID()}`
      await addEndpoints(connection, customerId, 20)
      await connection.query(
        `insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, created_at)
         select 'cus_other', 'dlv_' || n, 'fresh', 'ep_other', 'evt_' || n, current_date, 'message.received', now()
         from generate_series(1, ${BACKLOG}) n`,
      )
      await connection.query("analyze deliveries_fresh")
      const rows = (filter: DeliveryFilter) =>
        rowsRead(connection, "^deliveries_fresh$", () => list(connection, customerId, filter))
      expect(await rows({ event: "message.rare" })).toBe(0)
      expect(await rows({ event_id: "evt_none", state: "pending" })).toBe(0)
      await connection.query("delete from deliveries where customer_id = 'cus_other'")
    })
  })

  test("filtered by event reads nothing older than the event", async () => {
    await pool().transaction(async (connection) => {
      const customerId = `cus_${randomUUID()}`
      await addEndpoints(connection, customerId, 1)
      const endpointId = `ep_${customerId}1`
      await connection.query(
        `insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, created_at, finished_at)
         select $1, $2 || n, 'delivered', $3, 'evt_' || n, current_date, 'message.received', now(), now()
         from generate_series(1, ${BACKLOG}) n`,
        [customerId, firstIdAt("dlv", Date.now() - 7_200_000), endpointId],
      )
      const rows = eventRows({ customerId, endpointId })
      await commit({ query: connection.query.bind(connection), transaction: (work) => work(connection) }, rows)
      await connection.query("update deliveries set stage = 'delivered' where customer_id = $1 and endpoint_id = $2", [
        customerId,
        endpointId,
      ])
      const [event] = rows.events
      let found: string[] = []
      const read = await rowsRead(connection, "^deliveries_done", async () => {
        const { data } = await list(connection, customerId, { event_id: event?.id })
        found = data.map(({ id }) => id)
      })
      expect(found).toEqual(rows.deliveries.map(({ id }) => id))
      expect(read).toBeLessThan(20)
      await connection.query("delete from customers where id = $1", [customerId])
    })
  })
})
