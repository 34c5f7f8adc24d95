import type { Delivery } from "../core/records.ts"
import { floats, ints, texts } from "./arrays.ts"
import type { Queryable } from "./pool.ts"

export interface ClaimRequest {
  endpointId: string
  limit: number
  /** Deliveries that this holder has in its hands already. */
  held: string[]
}

/** `holder` is someone else's name when the endpoint is theirs; then there are no deliveries. */
export interface Claim {
  holder: string
  deliveries: Delivery[]
  /** What another dispatcher left: nothing may be sent for so long, to the endpoint as it was set up then. */
  hold: { forMs: number; revisionMs: number } | null
}

export interface HoldRequest {
  endpointId: string
  /** Zero or less for none. */
  forMs: number
  revisionMs: number
}

/**
 * Takes or renews the lease of each endpoint, and reads what is due there: what waited for a retry, then what was never
 * attempted, in the order of arrival. The event is looked up row by row through its key: a join would let the planner
 * choose to read the whole table. `not in` is a look-up in a hash, `<> all` would compare with each.
 */
const CLAIM = `
with wanted as (
  select * from unnest($1::text[], $2::int[]) as t (endpoint_id, want)
), held as (
  select * from unnest($5::text[]) as t (id)
), lease as (
  insert into drains as d (endpoint_id, holder, expires_at)
  select endpoint_id, $3, now() + make_interval(secs => $4) from wanted order by endpoint_id
  on conflict (endpoint_id) do update set holder = excluded.holder, expires_at = excluded.expires_at
  where d.holder = excluded.holder or d.expires_at < now()
  returning d.endpoint_id, d.held_until, d.held_revision_ms
)
select w.endpoint_id, coalesce(o.holder, $3) as holder,
  date_part('epoch', l.held_until - now()) * 1000 as held_for_ms, l.held_revision_ms, due.*
from wanted w
left join lease l on l.endpoint_id = w.endpoint_id
left join drains o on l.endpoint_id is null and o.endpoint_id = w.endpoint_id
left join lateral (
  select d.id, d.customer_id, d.event_id, d.attempts, date_part('epoch', d.created_at) * 1000 as created_at_ms,
    e.body, e.compact_length, e.raw, d.trigger
  from (
    (
      select id, customer_id, event_id, event_day, attempts, created_at, trigger from deliveries_retry
      where left(endpoint_id, 64) = w.endpoint_id and due_at <= now() and id not in (select id from held)
      order by due_at limit w.want
    ) union all (
      select id, customer_id, event_id, event_day, attempts, created_at, trigger from deliveries_fresh
      where endpoint_id = w.endpoint_id and id not in (select id from held)
      order by id limit w.want
    )
    limit w.want
  ) d
  cross join lateral (
    select body, compact_length, raw from events
    where customer_id = d.customer_id and id = d.event_id and day = d.event_day limit 1
  ) e
) due on l.endpoint_id is not null`

const RENEW = `
update drains set expires_at = now() + make_interval(secs => $3)
where endpoint_id = any($1::text[]) and holder = $2 returning endpoint_id`

const HOLD = `
update drains d set held_until = now() + h.for_ms * interval '1 ms', held_revision_ms = h.revision_ms
from unnest($1::text[], $3::float8[], $4::float8[]) as h (endpoint_id, for_ms, revision_ms)
where d.endpoint_id = h.endpoint_id and d.holder = $2`

/** A lease that is given back is only dated back, which touches no index. */
const RELEASE = `
with given_back as (
  update drains d set expires_at = '-infinity',
    held_until = case when h.for_ms > 0 then now() + h.for_ms * interval '1 ms' end, held_revision_ms = h.revision_ms
  from unnest($1::text[], $3::float8[], $4::float8[]) as h (endpoint_id, for_ms, revision_ms)
  where d.endpoint_id = h.endpoint_id and d.holder = $2
)
select w.endpoint_id, coalesce(
  (select 0 from deliveries_fresh where endpoint_id = w.endpoint_id limit 1),
  (
    select date_part('epoch', due_at - now()) * 1000 from deliveries_retry
    where left(endpoint_id, 64) = w.endpoint_id order by due_at limit 1
  )
) as next_due_in_ms
from unnest($1::text[]) as w (endpoint_id)`

interface ClaimRow {
  endpoint_id: string
  holder: string
  held_for_ms: number | null
  held_revision_ms: number | null
  id: string | null
  customer_id: string
  event_id: string
  attempts: number
  created_at_ms: number
  body: string
  compact_length: number
  raw: string | null
  trigger: string | null
}

/** The leases of one dispatcher, by its name. A lease is longer than any request may take. */
export function createDrainsStore(pool: Queryable, holder: string, leaseSeconds: number) {
  return {
    async claim(requests: ClaimRequest[]): Promise<Claim[]> {
      const values = [
        texts(requests.map((request) => request.endpointId)),
        ints(requests.map((request) => request.limit)),
        holder,
        leaseSeconds,
        texts(requests.flatMap((request) => request.held)),
      ]
      const { rows } = await pool.query<ClaimRow>({ name: "claim", text: CLAIM, values })
      const claims = new Map<string, Claim>()
      for (const row of rows) {
        const claim = claims.get(row.endpoint_id) ?? { holder: row.holder, deliveries: [], hold: toHold(row) }
        claims.set(row.endpoint_id, claim)
        if (row.id !== null) claim.deliveries.push(toDelivery(row, row.id))
      }
      return requests.map(({ endpointId }) => claims.get(endpointId) ?? { holder, deliveries: [], hold: null })
    },

    /** @returns the endpoints whose lease is still ours */
    async renew(endpointIds: string[]): Promise<Set<string>> {
      const values = [texts(endpointIds), holder, leaseSeconds]
      const { rows } = await pool.query<{ endpoint_id: string }>({ name: "renew", text: RENEW, values })
      return new Set(rows.map((row) => row.endpoint_id))
    },

    /** @returns for each endpoint, in how many milliseconds its next delivery is due; null when it has none */
    async release(requests: HoldRequest[]): Promise<(number | null)[]> {
      const values = holdValues(requests, holder)
      const { rows } = await pool.query<{ endpoint_id: string; next_due_in_ms: number | null }>({
        name: "release",
        text: RELEASE,
        values,
      })
      const nextDue = new Map(rows.map((row) => [row.endpoint_id, row.next_due_in_ms]))
      return requests.map(({ endpointId }) => nextDue.get(endpointId) ?? null)
    },

    /** Written at once, so that whoever drains the endpoint after a crash of ours knows. */
    async hold(requests: HoldRequest[]): Promise<undefined[]> {
      await pool.query({ name: "hold", text: HOLD, values: holdValues(requests, holder) })
      return []
    },
  }
}

function holdValues(requests: HoldRequest[], holder: string) {
  return [
    texts(requests.map(({ endpointId }) => endpointId)),
    holder,
    floats(requests.map(({ forMs }) => forMs)),
    floats(requests.map(({ revisionMs }) => revisionMs)),
  ]
}

function toHold({ held_for_ms: forMs, held_revision_ms: revisionMs }: ClaimRow): Claim["hold"] {
  return forMs !== null && revisionMs !== null && forMs > 0 ? { forMs, revisionMs } : null
}

function toDelivery(row: ClaimRow, id: string): Delivery {
  return {
    id,
    customerId: row.customer_id,
    eventId: row.event_id,
    attempts: row.attempts,
    createdAtMs: row.created_at_ms,
    body: row.body,
    compactLength: row.compact_length,
    raw: row.raw,
    trigger: row.trigger,
  }
}
