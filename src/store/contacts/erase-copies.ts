import { firstIdAt } from "../../core/event/ids.ts"
import type { Pool } from "../connection/pool.ts"
import { FINISHED } from "../deliveries/stages.ts"
import { eraseFaults } from "../events/erase-faults.ts"

/** Deliveries read by one statement. */
const SCAN = 5_000
/** Gateways' clocks, which ids are made with, may differ from the store's by so much. */
const CLOCKS_MS = 3_600_000

export interface Copied {
  customer_id: string
  app_id: string | null
  first_seen_at: Date | null
  /** The contact's ids. */
  ids: string[]
}

const WITHOUT_EVENT = `
with step as (
  select id, event_id, event_day, attempts from deliveries
  where ${FINISHED} and customer_id = $1 and id > $2 order by id limit ${SCAN}
)
select count(*)::int as scanned, max(id) as last, array_agg(id) filter (where attempts > 0 and not exists (
  select from events e where e.customer_id = $1 and e.id = step.event_id and e.day = step.event_day
)) as found from step`

/**
 * Erases what others have repeated of the contact's events: responses of endpoints, and items that could not become
 * events. To be called when the events are erased and their deliveries have ended. May be repeated.
 */
export async function eraseCopies(pool: Pool, erasure: Copied): Promise<void> {
  await clearResponses(pool, erasure)
  if (erasure.app_id !== null) await eraseFaults(pool, { appId: erasure.app_id, ids: erasure.ids })
}

/** Of all deliveries whose event no longer exists: deliveries have no index by event. */
async function clearResponses(pool: Pool, { customer_id, first_seen_at }: Copied): Promise<void> {
  let after = first_seen_at === null ? "" : firstIdAt("dlv", new Date(first_seen_at).getTime() - CLOCKS_MS)
  for (let more = true; more; ) {
    const { rows } = await pool.relaxed.query<{ scanned: number; last: string | null; found: string[] | null }>(
      WITHOUT_EVENT,
      [customer_id, after],
    )
    const { scanned = 0, last = null, found = null } = rows[0] ?? {}
    if (found) await clear(pool, customer_id, found)
    after = last ?? after
    more = scanned === SCAN
  }
}

function clear(pool: Pool, customerId: string, ids: string[]): Promise<void> {
  return pool.longTransaction(async (connection) => {
    const own = "customer_id = $1 and response is not null"
    await connection.query(`update deliveries set response = null where ${FINISHED} and id = any($2) and ${own}`, [
      customerId,
      ids,
    ])
    await connection.query(`update attempts set response = null where delivery_id = any($2) and ${own}`, [
      customerId,
      ids,
    ])
  })
}
