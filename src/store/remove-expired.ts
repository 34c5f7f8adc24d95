import { purgeIdempotencyKeys } from "./idempotency.ts"
import type { Queryable } from "./pool.ts"
import { OPEN } from "./stages.ts"
import { WITH_WAITING_ENDPOINTS } from "./waiting-endpoints.ts"

/** The rest goes the next time. */
const CANCELED_AT_ONCE = 5_000

/** For up to a second, other gateways go on committing deliveries to an endpoint that was deleted. */
const CANCEL_ORPHANS = `${WITH_WAITING_ENDPOINTS}, orphans as (
  select d.endpoint_id, d.id from waiting w
  join deliveries d on d.${OPEN} and d.endpoint_id = w.endpoint_id
  where not exists (select from endpoints e where e.id = w.endpoint_id)
  limit ${CANCELED_AT_ONCE}
  for update of d skip locked
)
update deliveries d set stage = 'canceled', finished_at = now()
from orphans o where d.${OPEN} and d.endpoint_id = o.endpoint_id and d.id = o.id`

/** What no partition carries away when its time has come. Each statement by itself, so that none holds a lock for long. */
export async function removeExpired(pool: Queryable, kept: { events: number; faults: number }): Promise<void> {
  const olderThan = "received_at < now() - make_interval(days => $1)"
  await pool.query(`delete from events_other where ${olderThan}`, [kept.events])
  await pool.query(`delete from faults where ${olderThan}`, [kept.faults])
  await purgeIdempotencyKeys(pool)
  await pool.query(CANCEL_ORPHANS)
}
