import { TEST_APP_ID } from "../../core/commit-rows.ts"
import { OPERATIONAL } from "../../core/event/operational-event.ts"

/** What a replay selects, as parameters $1 to $7 of its statements. */
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

interface Source {
  /** Rows in order of position, after $8 and up to and including $9, with their time of creation. */
  rows: string
  /** Whether the row is for the endpoint, whatever the replay selects. */
  wanted: string
}

/** When the replay ($10) began; now if it is not stored yet. */
const BEGAN = "coalesce((select created_at from replays where id = $10), now())"
const EVENT = "e.id, e.day, e.event, e.platform, e.page_id, e.conversation_id, e.received_at, e.app_id"

/** Every stored event that would be routed to the endpoint now. */
const EVENTS: Source = {
  rows: `select ${EVENT}, e.seq as position, e.received_at as made_at
    from events e where left(e.customer_id, 64) = $1 and e.seq > $8::bigint and e.seq <= $9::bigint order by e.seq`,
  wanted: `s.made_at <= ${BEGAN} and exists (
    select from endpoints p where p.id = $2
      and (s.event = any(p.events) or ('*' = any(p.events) and s.event <> 'webhook.test'))
      and (p.platforms is null or s.platform = any(p.platforms)) and (p.page_ids is null or s.page_id = any(p.page_ids))
  )`,
}

/** The events of the endpoint's deliveries that ended in a state ($11). */
const DELIVERIES: Source = {
  rows: `select ${EVENT}, d.id as position, d.created_at as made_at, d.trigger, d.stage, d.endpoint_id
    from deliveries d cross join lateral (
      select * from events where customer_id = d.customer_id and id = d.event_id and day = d.event_day limit 1
    ) e
    where d.stage in ('delivered', 'exhausted', 'canceled') and d.customer_id = $1 and d.id > $8 and d.id <= $9
    order by d.id`,
  // A replay's own deliveries end in a state, too. On the embedded store, the first may have the time when it began.
  wanted: `(s.made_at < ${BEGAN} or (s.made_at = ${BEGAN} and s.trigger is distinct from 'replay'))
    and s.endpoint_id = $2 and s.stage = $11`,
}

/** Neither test events nor operational events are replayed. */
const CHOSEN = `s.app_id <> '${TEST_APP_ID}' and s.platform <> '${OPERATIONAL}' and s.received_at >= $3 and ($4::timestamptz is null or s.received_at < $4)
  and ($5::text is null or s.event = $5) and ($6::text is null or s.page_id = $6)
  and ($7::text is null or s.conversation_id = $7)`

const sourceOf = (state: string | null) => (state === null ? EVENTS : DELIVERIES)

/** Counts up to `max` rows. */
export function countStatement(state: string | null, max: number): string {
  const { rows, wanted } = sourceOf(state)
  return `select count(*)::int as count from (
    select from (${rows}) s where ${CHOSEN} and ${wanted} limit ${max}
  ) found`
}

/**
 * Continues a replay: reads up to `scan` rows and creates a delivery for each selected one, as long as there are ids
 * for them ($12). Selected rows are numbered while they are read, so reading stops at the last id.
 */
export function batchStatement(state: string | null, scan: number): string {
  const { rows, wanted } = sourceOf(state)
  return `with scanned as materialized (
    select * from (
      select *, count(*) filter (where selected) over (order by position) as number
      from (select s.*, ${CHOSEN} and ${wanted} as selected from (${rows} limit ${scan}) s order by position) judged
    ) numbered where number <= cardinality($12::text[])
  ), created as (
    insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, trigger, created_at)
    select $1, ($12::text[])[number], 'replay', $2, id, day, event, 'replay', now() from scanned where selected
  )
  select count(*) filter (where selected)::int as made, count(*)::int as scanned, max(position)::text as last, $11::text as state
  from scanned`
}
