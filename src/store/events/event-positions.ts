import { CLOCK_SLACK_MS } from "../connection/clock-slack.ts"
import type { Queryable } from "../connection/pool.ts"

/** The search ends when the range is this small: a scan reads the rest. */
const MAX_RANGE = 100

/**
 * Events have no index by time. But the store assigns position and time together, so the index by customer and position
 * is also in the order of time, unless the clock was changed. A binary search looks at the first event after the
 * middle.
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
  where high - low > ${MAX_RANGE}
)
select low::text as low, high::text as high from search order by search.high - search.low limit 1`

interface Found {
  low: string
  high: string
}

export function createEventPositions(pool: Queryable) {
  async function search(customerId: string, ms: number): Promise<Found> {
    const { rows } = await pool.query<Found>(SEARCH, [customerId, new Date(ms).toISOString()])
    return rows[0] as Found
  }

  return {
    /** A position up to which all of the customer's events were received before the time. */
    async before(customerId: string, time: string): Promise<string> {
      const ms = Date.parse(time) - CLOCK_SLACK_MS
      return ms <= 0 ? "0" : (await search(customerId, ms)).low
    },

    /** A position after which all of the customer's events are received at or after the time; null: not reached yet. */
    async since(customerId: string, time: string): Promise<string | null> {
      const ms = Date.parse(time) + CLOCK_SLACK_MS
      return ms >= Date.now() ? null : (await search(customerId, Math.max(0, ms))).high
    },
  }
}
