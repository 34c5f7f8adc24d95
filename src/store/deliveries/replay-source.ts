import { TEST_APP_ID } from "../../core/commit-rows.ts"
import { OPERATIONAL } from "../../core/event/operational-event.ts"

/** What a replay is about, as parameters $1 to $7 of its statements. */
export interface ReplayChoice {
  customer_id: string
  endpoint_id: string
  received_after: string | Date
  received_before: string | Date | null
  event: string | null
  page_id: string | null
  conversation_id: string | null
}

export function choiceValues(choice: ReplayChoice): unknown[] {
  const { customer_id, endpoint_id, received_after, received_before, event, page_id, conversation_id } = choice
  return [customer_id, endpoint_id, received_after, received_before, event, page_id, conversation_id]
}

/** `wanted` is whether the row is for the endpoint, apart from the choice. */
interface Source {
  /** Rows in the order of their places, between two of them, $8 excluded and $9 included, and when each was made. */
  rows: string
  wanted: string
}

/** When the replay, $10, began; now where it is not stored yet. */
const BEGAN = "coalesce((select created_at from replays where id = $10), now())"
const EVENT = "e.id, e.day, e.event, e.platform, e.page_id, e.conversation_id, e.received_at, e.app_id"

/** Every stored event that the endpoint would get if it came now. */
const EVENTS: Source = {
  rows: `select ${EVENT}, e.seq as place, e.received_at as made_at
    from events e where left(e.customer_id, 64) = $1 and e.seq > $8::bigint and e.seq <= $9::bigint order by e.seq`,
  wanted: `s.made_at <= ${BEGAN} and exists (
    select from endpoints p where p.id = $2
      and (s.event = any(p.events) or ('*' = any(p.events) and s.event <> 'webhook.test'))
      and (p.platforms is null or s.platform = any(p.platforms)) and (p.page_ids is null or s.page_id = any(p.page_ids))
  )`,
}

/** The events of the endpoint's deliveries that ended in a state, $11. */
const DELIVERIES: Source = {
  rows: `select ${EVENT}, d.id as place, d.created_at as made_at, d.trigger, d.stage, d.endpoint_id
    from deliveries d cross join lateral (
      select * from events where customer_id = d.customer_id and id = d.event_id and day = d.event_day limit 1
    ) e
    where d.stage in ('delivered', 'exhausted', 'canceled') and d.customer_id = $1 and d.id > $8 and d.id <= $9
    order by d.id`,
  // Its own deliveries end in a state, too; on the embedded store's clock the first may be made when it began.
  wanted: `(s.made_at < ${BEGAN} or (s.made_at = ${BEGAN} and s.trigger is distinct from 'replay'))
    and s.endpoint_id = $2 and s.stage = $11`,
}

/** Neither what was made to try an endpoint out, nor what Onehook tells of its own state. */
const CHOSEN = `s.app_id <> '${TEST_APP_ID}' and s.platform <> '${OPERATIONAL}' and s.received_at >= $3 and ($4::timestamptz is null or s.received_at < $4)
  and ($5::text is null or s.event = $5) and ($6::text is null or s.page_id = $6)
  and ($7::text is null or s.conversation_id = $7)`

const sourceOf = (state: string | null) => (state === null ? EVENTS : DELIVERIES)

/** Up to `most` of them are counted. */
export function countStatement(state: string | null, most: number): string {
  const { rows, wanted } = sourceOf(state)
  return `select count(*)::int as count from (
    select from (${rows}) s where ${CHOSEN} and ${wanted} limit ${most}
  ) found`
}

/**
 * Reads on, and makes a delivery of each row that is meant, as long as there are ids for them ($12) and `scan` rows have
 * not been read. The rows are counted as they are read, so no more are read than that takes.
 */
export function batchStatement(state: string | null, scan: number): string {
  const { rows, wanted } = sourceOf(state)
  return `with scanned as materialized (
    select * from (
      select *, count(*) filter (where meant) over (order by place) as turn
      from (select s.*, ${CHOSEN} and ${wanted} as meant from (${rows} limit ${scan}) s order by place) judged
    ) counted where turn <= cardinality($12::text[])
  ), made as (
    insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, trigger, created_at)
    select $1, ($12::text[])[turn], 'replay', $2, id, day, event, 'replay', now() from scanned where meant
  )
  select count(*) filter (where meant)::int as made, count(*)::int as scanned, max(place)::text as last, $11::text as state
  from scanned`
}
