import { CLOCK_SLACK_MS } from "../connection/clock-slack.ts"
import type { Queryable } from "../connection/pool.ts"

/** So near the search comes: the rest is read. */
const NEAR = 100

/**
 * Events have no index by time. But they get number and time together, from the store, so the index by customer and number
 * is in the order of time, unless the clock was set: it is halved, again and again, by the first event behind the middle.
 */
const SEARCH = `
with recursive search (low, high) as (
  select 0::bigint, (select case when is_called then last_value else 0 end from event_seq)
  union all
  select case when early then mid else low end, case when early then high else mid end
  from search cross join lateral (select (low + high) / 2 as mid) half cross join lateral (
    select coalesce((
      select received_at < $2 from events where left(customer_id, 64) = $1 and seq > mid order by events.seq limit 1
    ), false) as early
  ) probe
  where high - low > ${NEAR}
)
select low::text as low, high::text as high from search order by search.high - search.low limit 1`

interface Found {
  low: string
  high: string
}

export function createEventPlaces(pool: Queryable) {
  async function search(customerId: string, ms: number): Promise<Found> {
    const { rows } = await pool.query<Found>(SEARCH, [customerId, new Date(ms).toISOString()])
    return rows[0] as Found
  }

  return {
    /** The number of an event up to which all of the customer's were received before the time. */
    async before(customerId: string, time: string): Promise<string> {
      const ms = Date.parse(time) - CLOCK_SLACK_MS
      return ms <= 0 ? "0" : (await search(customerId, ms)).low
    },

    /** The number of an event behind which all of the customer's are received at the time or later; null: none yet. */
    async since(customerId: string, time: string): Promise<string | null> {
      const ms = Date.parse(time) + CLOCK_SLACK_MS
      return ms >= Date.now() ? null : (await search(customerId, Math.max(0, ms))).high
    },
  }
}
