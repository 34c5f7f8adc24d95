import type { Pool } from "../connection/pool.ts"
import { FINISHED, OPEN } from "./stages.ts"

const CAN_BE_SENT = `exists (select from endpoints e where e.id = d.endpoint_id and e.customer_id = $1)
  and exists (select from events e where e.customer_id = $1 and e.id = d.event_id and e.day = d.event_day)`

const SOON = `update deliveries d set stage = 'retry', due_at = now(), trigger = 'manual'
where d.${OPEN} and d.customer_id = $1 and d.id = $2
  and d.endpoint_id in (select id from endpoints where customer_id = $1)
returning d.endpoint_id`

/**
 * Moves the last attempt to a row of its own, since another one follows. The delivery leaves its conversation: it waits
 * for no other delivery, and none waits for it.
 */
const AGAIN = `
with old as materialized (
  select d.*, ${CAN_BE_SENT} as possible from deliveries d where d.${FINISHED} and d.customer_id = $1 and d.id = $2
  for update
), kept as (
  insert into attempts (customer_id, delivery_id, number, started_at, duration_ms, outcome, verdict, status, error,
    response, next_attempt_at, trigger, remote_address, timings)
  select customer_id, id, attempts, started_at, duration_ms, outcome, stage, status, error, response, now(), trigger,
    remote_address, timings
  from old where possible and started_at is not null
  on conflict do nothing
), again as (
  update deliveries d set stage = 'retry', due_at = now(), trigger = 'manual', finished_at = null,
    conversation_id = null, started_at = null, duration_ms = null, outcome = null, status = null, error = null,
    response = null, remote_address = null, timings = null
  from old
  where old.possible and d.${FINISHED} and d.customer_id = $1 and d.id = $2
)
select endpoint_id, possible from old`

/**
 * Makes a delivery due now, whatever its state.
 *
 * @returns its endpoint; "gone" if the endpoint was deleted or the event has expired; null if there is no such delivery
 */
export function retryDelivery(pool: Pool, customerId: string, id: string): Promise<string | "gone" | null> {
  return pool.transaction(async (connection) => {
    const open = await connection.query<{ endpoint_id: string }>(SOON, [customerId, id])
    if (open.rows[0]) return open.rows[0].endpoint_id
    const { rows } = await connection.query<{ endpoint_id: string; possible: boolean }>(AGAIN, [customerId, id])
    if (!rows[0]) return null
    return rows[0].possible ? rows[0].endpoint_id : "gone"
  })
}
