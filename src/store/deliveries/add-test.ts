import { type EventRow, noRows } from "../../core/commit-rows.ts"
import type { Pool } from "../connection/pool.ts"
import { commit } from "../events/commit.ts"

/** Stores an event for one endpoint only, with its delivery. */
export function addTest(pool: Pool, event: EventRow, delivery: { id: string; endpointId: string }): Promise<void> {
  return pool.transaction(async (connection) => {
    const rows = { ...noRows(), events: [event] }
    await commit({ query: connection.query.bind(connection), transaction: (work) => work(connection) }, rows)
    await connection.query(
      `insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, trigger, created_at)
       values ($1, $2, 'fresh', $3, $4, date '1970-01-01' + $5::int, $6, 'test', now())`,
      [event.customerId, delivery.id, delivery.endpointId, event.id, event.day, event.event],
    )
  })
}
