import { CONVERSATION_AHEAD } from "../../core/delivery/conversation.ts"

/** Larger content is not prefetched: a claim has some hundreds of deliveries, and a dispatcher holds thousands. */
const BIG_BYTES = 16_384

const COLUMNS = "d.id, d.customer_id, d.event_id, d.event_day, d.attempts, d.created_at, d.conversation_id, d.trigger"

/** Whether an earlier delivery of the same conversation waits in that partition and is not held by the dispatcher. */
const earlierIn = (partition: string) => `exists (
  select from ${partition} p where left(p.endpoint_id, 64) = d.endpoint_id and p.conversation_id = d.conversation_id
    and p.conversation_seq < d.conversation_seq and p.id not in (select id from held)
)`

/**
 * Whether the earlier deliveries of its conversation are few, and each is in the same claim or held by the dispatcher.
 * Ids hold a gateway's time, so they may contradict the conversation's order; nothing after the first contradiction is
 * read.
 */
const FOLLOWS = `(
  select count(*) < ${CONVERSATION_AHEAD} and coalesce(max(p.id) filter (where not p.is_held) < d.id
    and min(p.id) filter (where not p.is_held) > w.after
    and array_agg(p.id order by p.id) filter (where not p.is_held)
      = array_agg(p.id order by p.conversation_seq) filter (where not p.is_held), true)
  from (
    select id, conversation_seq, id in (select id from held) as is_held from deliveries_fresh
    where left(endpoint_id, 64) = d.endpoint_id and conversation_id = d.conversation_id
      and conversation_seq < d.conversation_seq
    order by conversation_seq limit ${CONVERSATION_AHEAD}
  ) p
)`

/** The next deliveries of conversations that can continue, found without reading the deliveries before them. */
const GOING_ON = `
  select ${COLUMNS} from going_on g cross join lateral (
    select * from deliveries_fresh
    where left(endpoint_id, 64) = w.endpoint_id and conversation_id = g.conversation_id
      and id not in (select id from held)
    order by conversation_seq limit ${CONVERSATION_AHEAD}
  ) d
  where g.endpoint_id = w.endpoint_id and not ${earlierIn("deliveries_retry")}`

/**
 * Takes or renews the lease of each endpoint and reads its due deliveries: retries, then first attempts in order of
 * arrival, then replays. If conversations are ordered, a delivery is read only when the earlier ones of its
 * conversation are finished, held, or in the same claim.
 *
 * The content of a big event is left out; its length is known without reading it.
 *
 * The lease is taken in its current version, but everything else is read from the statement's snapshot. What another
 * dispatcher delivered in between would look due, so a lease that was released meanwhile (`xmin`) is left to the next
 * claim.
 *
 * Events are looked up one by one by key, since a join would let the planner read the whole table. `not in` is a hash
 * lookup; `<> all` would compare with each value.
 */
export const CLAIM = `
with wanted as (
  select * from unnest($1::text[], $2::int[], $6::int[], $7::text[], $8::int[])
    as t (endpoint_id, want, want_replays, after, ordered)
), held as (
  select * from unnest($5::text[]) as t (id)
), going_on as (
  select * from unnest($9::text[], $10::text[]) as t (endpoint_id, conversation_id)
), lease as (
  insert into drains as d (endpoint_id, holder, expires_at)
  select endpoint_id, $3, now() + make_interval(secs => $4) from wanted order by endpoint_id
  on conflict (endpoint_id) do update set holder = excluded.holder, expires_at = excluded.expires_at
  where d.holder = excluded.holder
    or d.expires_at < now() and d.xmin = (select seen.xmin from drains seen where seen.endpoint_id = d.endpoint_id)
  returning d.endpoint_id, d.held_until, d.held_revision_ms
)
select w.endpoint_id, coalesce(o.holder, $3) as holder,
  date_part('epoch', l.held_until - now()) * 1000 as held_for_ms, l.held_revision_ms, latest.id as latest, due.*
from wanted w
left join lease l on l.endpoint_id = w.endpoint_id
left join drains o on l.endpoint_id is null and o.endpoint_id = w.endpoint_id
left join lateral (
  select id from deliveries_fresh
  where l.endpoint_id is not null and w.ordered = 1 and endpoint_id = w.endpoint_id
  order by id desc limit 1
) latest on true
left join lateral (
  select d.id, d.customer_id, d.event_id, d.attempts, date_part('epoch', d.created_at) * 1000 as created_at_ms,
    case when e.bytes <= ${BIG_BYTES} then e.body end as body, e.compact_length,
    case when e.bytes <= ${BIG_BYTES} then e.raw end as raw, d.conversation_id, d.trigger,
    case when e.bytes > ${BIG_BYTES} then e.bytes end as big_bytes,
    case when e.bytes > ${BIG_BYTES} then d.event_day::text end as big_day
  from (
    (
      (
        select ${COLUMNS} from deliveries_retry d
        where left(endpoint_id, 64) = w.endpoint_id and due_at <= now() and id not in (select id from held)
          and (conversation_id is null
            or not ${earlierIn("deliveries_retry")} and not ${earlierIn("deliveries_fresh")})
        order by due_at limit w.want
      ) union all (
        ${GOING_ON}
      ) union all (
        select ${COLUMNS} from deliveries_fresh d
        where endpoint_id = w.endpoint_id and id > w.after and id not in (select id from held)
          and (conversation_id is null
            or (endpoint_id, conversation_id) not in (select endpoint_id, conversation_id from going_on)
            and not ${earlierIn("deliveries_retry")} and ${FOLLOWS})
        order by id limit w.want
      )
      limit w.want
    ) union all (
      select ${COLUMNS} from deliveries_replay d
      where endpoint_id = w.endpoint_id and id not in (select id from held)
      order by id limit w.want_replays
    )
  ) d
  cross join lateral (
    select body, compact_length, raw, octet_length(body) + coalesce(octet_length(raw), 0) as bytes from events
    where customer_id = d.customer_id and id = d.event_id and day = d.event_day limit 1
  ) e
) due on l.endpoint_id is not null`
