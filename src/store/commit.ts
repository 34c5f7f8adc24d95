import type { CommitRows } from "../core/records.ts"
import { ints, texts } from "./arrays.ts"
import type { Queryable, Transactional } from "./pool.ts"

/** An event that is there already is left as it is, and none of its deliveries is made again. */
const EVENTS = `
with fresh as (
  insert into events (customer_id, id, day, app_id, platform, event, page_id, sender, conversation_id, received_at,
    body, compact_length, raw)
  select customer_id, id, date '1970-01-01' + day, app_id, platform, event, page_id, sender, conversation_id, now(),
    body, compact_length, raw
  from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::int[], $12::text[])
    as t (customer_id, id, day, app_id, platform, event, page_id, sender, conversation_id, body, compact_length, raw)
  on conflict do nothing
  returning customer_id, id, day, event, seq
), made as (
  insert into deliveries_fresh (customer_id, id, endpoint_id, event_id, event_day, event, created_at, conversation_id,
    conversation_seq)
  select f.customer_id, t.id, t.endpoint_id, f.id, f.day, f.event, now(), t.conversation_id,
    case when t.conversation_id is not null then f.seq end
  from unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
    as t (id, customer_id, event_id, endpoint_id, conversation_id)
  join fresh f on f.customer_id = t.customer_id and f.id = t.event_id
)
select count(*)::int as fresh from fresh`

const FAULTS = `
insert into faults (id, app_id, platform, path, reason, item, received_at)
select *, now() from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])`

const UNROUTED = `
insert into unrouted_pages as u (app_id, platform, page_id, events, first_seen_at, last_seen_at)
select app_id, platform, page_id, sum(events), now(), now()
from unnest($1::text[], $2::text[], $3::text[], $4::int[]) as t (app_id, platform, page_id, events)
group by 1, 2, 3 order by 1, 2, 3
on conflict (app_id, platform, page_id) do update set events = u.events + excluded.events, last_seen_at = now()`

/**
 * Makes everything durable at once, or nothing. Equal events within the rows must have been merged by the caller.
 *
 * @returns how many of the events were new
 */
export async function commit(pool: Transactional, rows: CommitRows): Promise<number> {
  if (rows.faults.length === 0 && rows.unrouted.length === 0) return insertEvents(pool, rows)
  return pool.transaction(async (connection) => {
    const fresh = rows.events.length > 0 ? await insertEvents(connection, rows) : 0
    const { faults, unrouted } = rows
    if (faults.length > 0) {
      const fields = ["id", "appId", "platform", "path", "reason", "item"] as const
      const values = fields.map((field) => faults.map((fault) => fault[field]))
      await connection.query({ name: "commit_faults", text: FAULTS, values })
    }
    if (unrouted.length > 0) {
      const fields = ["appId", "platform", "pageId", "events"] as const
      const values = fields.map((field) => unrouted.map((page) => page[field]))
      await connection.query({ name: "commit_unrouted", text: UNROUTED, values })
    }
    return fresh
  })
}

export async function insertEvents(connection: Queryable, { events, deliveries }: CommitRows): Promise<number> {
  const values = [
    texts(events.map((e) => e.customerId)),
    texts(events.map((e) => e.id)),
    ints(events.map((e) => e.day)),
    texts(events.map((e) => e.appId)),
    texts(events.map((e) => e.platform)),
    texts(events.map((e) => e.event)),
    texts(events.map((e) => e.pageId)),
    texts(events.map((e) => e.sender)),
    texts(events.map((e) => e.conversationId)),
    texts(events.map((e) => e.body)),
    ints(events.map((e) => e.compactLength)),
    texts(events.map((e) => e.raw)),
    texts(deliveries.map((d) => d.id)),
    texts(deliveries.map((d) => d.customerId)),
    texts(deliveries.map((d) => d.eventId)),
    texts(deliveries.map((d) => d.endpointId)),
    texts(deliveries.map((d) => d.conversationId)),
  ]
  const { rows } = await connection.query<{ fresh: number }>({ name: "commit_events", text: EVENTS, values })
  return rows[0]?.fresh ?? 0
}
