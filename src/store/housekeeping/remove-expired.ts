import { OLDEST_EVENT_DAYS } from "../../core/event/event-day.ts"
import { firstIdAt } from "../../core/event/ids.ts"
import { tryEach } from "../../scheduling/try-each.ts"
import type { Pool, Queryable } from "../connection/pool.ts"
import { OPEN } from "../deliveries/stages.ts"
import { WITH_WAITING_ENDPOINTS } from "../deliveries/waiting-endpoints.ts"
import { removeLeftovers } from "../directory/customer-data.ts"
import { eraseFaultsOfRemoved } from "../directory/customer-faults.ts"
import { KEY_DAYS } from "../directory/idempotency.ts"

const DAY_MS = 86_400_000
/** A claim that the operator has not confirmed ends, so that claims of foreign pages do not pile up. */
const PENDING_TOO_LONG = "status = 'pending' and created_at < now() - interval '7 days'"
/** Rows per statement, so that none holds its locks for long or exceeds its deadline. */
const BATCH = 5_000

/** For up to a second after an endpoint was deleted, other gateways still commit deliveries to it. */
const CANCEL_ORPHANS = `${WITH_WAITING_ENDPOINTS}, orphans as (
  select d.endpoint_id, d.id from waiting w
  join deliveries d on d.${OPEN} and d.endpoint_id = w.endpoint_id
  where not exists (select from endpoints e where e.id = w.endpoint_id)
  limit ${BATCH}
  for update of d skip locked
)
update deliveries d set stage = 'canceled', error = 'endpoint_deleted', due_at = null, finished_at = now()
from orphans o where d.${OPEN} and d.endpoint_id = o.endpoint_id and d.id = o.id`

/** Deliveries that were open until their event expired: their endpoint is not active, or too slow. */
const CANCEL_OUTLIVED = `${WITH_WAITING_ENDPOINTS}, outlived as (
  select d.endpoint_id, d.id from waiting w
  join deliveries d on d.${OPEN} and d.endpoint_id = w.endpoint_id and (d.id < $1 or d.event_day < $2)
  where not exists (
    select from events e where e.customer_id = d.customer_id and e.id = d.event_id and e.day = d.event_day
  )
  limit ${BATCH}
  for update of d skip locked
)
update deliveries d set stage = 'canceled', error = 'expired', due_at = null, finished_at = now()
from outlived o where d.${OPEN} and d.endpoint_id = o.endpoint_id and d.id = o.id`

/** The condition is checked again when the row is deleted: an idempotency key may have been claimed again meanwhile. */
const remove = (table: string, expired: string) => `
delete from ${table} where ctid = any(array(select ctid from ${table} where ${expired} limit ${BATCH})) and ${expired}`

/**
 * Removes expired rows that are not removed with a partition. Each statement is its own transaction, so that none holds
 * a lock for long.
 *
 * @param kept retention in days
 */
export async function removeExpired(pool: Pool, kept: { events: number; rest: number }, nowMs: number): Promise<void> {
  const expired = [
    ["events_undated", "received_at", kept.events],
    ["events_other", "received_at", kept.events],
    // Deliveries that ended when the partition of their day had been dropped, or had never been created.
    ["deliveries_done_other", "finished_at", kept.rest],
    ["attempts_other", "started_at", kept.rest],
    ["faults", "received_at", kept.rest],
    ["unrouted_pages", "last_seen_at", kept.rest],
    ["audit_log", "at", kept.rest],
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
      () => repeat(pool, remove("connections", PENDING_TOO_LONG), []),
      () => repeat(pool, CANCEL_ORPHANS, []),
      () => repeat(pool, CANCEL_OUTLIVED, [oldestId, oldestDay]),
      () => removeLeftovers(pool.relaxed),
      () => eraseFaultsOfRemoved(pool),
    ],
    (work) => work(),
  )
}

/** Until no row is left: a claim is limited, so leftover deliveries would keep new ones from being read. */
async function repeat(pool: Queryable, text: string, values: unknown[]): Promise<void> {
  while (((await pool.query(text, values)).rowCount ?? 0) >= BATCH);
}
