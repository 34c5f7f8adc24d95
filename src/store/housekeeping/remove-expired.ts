import { OLDEST_EVENT_DAYS } from "../../core/event/event-day.ts"
import { firstIdAt } from "../../core/event/ids.ts"
import { tryEach } from "../../scheduling/try-each.ts"
import type { Pool, Queryable } from "../connection/pool.ts"
import { OPEN } from "../deliveries/stages.ts"
import { WITH_WAITING_ENDPOINTS } from "../deliveries/waiting-endpoints.ts"
import { removeLeftovers } from "../directory/customer-data.ts"
import { KEY_DAYS } from "../directory/idempotency.ts"

const DAY_MS = 86_400_000
/** In one statement, so that none holds its locks for long, or takes longer than a statement may. */
const AT_ONCE = 5_000

/** For up to a second, other gateways go on committing deliveries to an endpoint that was deleted. */
const CANCEL_ORPHANS = `${WITH_WAITING_ENDPOINTS}, orphans as (
  select d.endpoint_id, d.id from waiting w
  join deliveries d on d.${OPEN} and d.endpoint_id = w.endpoint_id
  where not exists (select from endpoints e where e.id = w.endpoint_id)
  limit ${AT_ONCE}
  for update of d skip locked
)
update deliveries d set stage = 'canceled', error = 'endpoint_deleted', due_at = null, finished_at = now()
from orphans o where d.${OPEN} and d.endpoint_id = o.endpoint_id and d.id = o.id`

/** A delivery that waited until its event was removed: its endpoint is off, or slower than the retention. */
const CANCEL_OUTLIVED = `${WITH_WAITING_ENDPOINTS}, outlived as (
  select d.endpoint_id, d.id from waiting w
  join deliveries d on d.${OPEN} and d.endpoint_id = w.endpoint_id and (d.id < $1 or d.event_day < $2)
  where not exists (
    select from events e where e.customer_id = d.customer_id and e.id = d.event_id and e.day = d.event_day
  )
  limit ${AT_ONCE}
  for update of d skip locked
)
update deliveries d set stage = 'canceled', error = 'expired', due_at = null, finished_at = now()
from outlived o where d.${OPEN} and d.endpoint_id = o.endpoint_id and d.id = o.id`

/** The condition holds for the row as it is when it goes: a key may be taken anew meanwhile. */
const remove = (table: string, expired: string) => `
delete from ${table} where ctid = any(array(select ctid from ${table} where ${expired} limit ${AT_ONCE})) and ${expired}`

/** What no partition carries away when its time has come. Each statement by itself, so that none holds a lock for long. */
export async function removeExpired(pool: Pool, kept: { events: number; rest: number }, nowMs: number): Promise<void> {
  const expired = [
    ["events_undated", "received_at", kept.events],
    ["events_other", "received_at", kept.events],
    // What ended when the partition of its own day had been dropped, or had never been there.
    ["deliveries_done_other", "finished_at", kept.rest],
    ["attempts_other", "started_at", kept.rest],
    ["faults", "received_at", kept.rest],
    ["replays", "finished_at", kept.rest],
    ["idempotency_keys", "created_at", KEY_DAYS],
  ] as const
  const oldestId = firstIdAt("dlv", nowMs - (kept.events - OLDEST_EVENT_DAYS) * DAY_MS)
  const oldestDay = new Date(nowMs - kept.events * DAY_MS).toISOString().slice(0, 10)
  await tryEach(
    [
      ...expired.map(([table, column, days]) => () => {
        const before = new Date(nowMs - days * DAY_MS)
        return repeat(pool, remove(table, `${column} < $1`), [before])
      }),
      () => repeat(pool, CANCEL_ORPHANS, []),
      () => repeat(pool, CANCEL_OUTLIVED, [oldestId, oldestDay]),
      () => removeLeftovers(pool.relaxed),
    ],
    (work) => work(),
  )
}

/** What is left behind would stand before the endpoint's new deliveries: a claim reads only so many. */
async function repeat(pool: Queryable, text: string, values: unknown[]): Promise<void> {
  while (((await pool.query(text, values)).rowCount ?? 0) >= AT_ONCE);
}
