import type { EventFilter } from "../../core/api/resources/event.ts"
import type { EventsStore } from "../../core/api/stores/events.ts"
import { TEST_APP_ID } from "../../core/commit-rows.ts"
import { OPERATIONAL } from "../../core/event/operational-event.ts"
import { boundedPage, withContent } from "../connection/page-bytes.ts"
import type { Queryable } from "../connection/pool.ts"
import { pageOf } from "../connection/rows.ts"
import { createEventPositions } from "./event-positions.ts"
import { createHorizon } from "./horizon.ts"

interface Row {
  seq: string
  /** null in the rows after the page is full. */
  body: string | null
}

/** How long to wait for commits in progress: longer than any takes on a healthy store. */
const PATIENCE_MS = 500

const AFTER_ALL = "9223372036854775807"

/** Operational and test events are stored for their deliveries only, and are not listed. */
const MATCHES = `left(customer_id, 64) = $1 and platform <> '${OPERATIONAL}' and app_id <> '${TEST_APP_ID}'
  and ($2::text is null or platform = $2) and ($3::text is null or page_id = $3)
  and ($4::text is null or event = $4) and ($5::text is null or conversation_id = $5)
  and ($6::text is null or sender = $6) and ($7::timestamptz is null or received_at >= $7)
  and ($8::timestamptz is null or received_at < $8)`

const page = (order: string, rest: string) =>
  boundedPage({
    found: `select seq, body from events where ${MATCHES} and ${rest}`,
    columns: "seq::text as seq",
    content: "body",
    order,
  })

const LIST = page(
  "seq desc",
  `seq > coalesce($9::bigint, 0) and seq < coalesce($10::bigint, ${AFTER_ALL})
    and seq <= coalesce($11::bigint, ${AFTER_ALL}) order by events.seq desc limit $12`,
)

const FOLLOW = page("seq", "seq > $9 and seq <= $10 order by events.seq limit $11")

export function createEventsStore(pool: Queryable, patienceMs = PATIENCE_MS): EventsStore {
  const { horizon, currentHorizon } = createHorizon(pool, patienceMs)
  const positions = createEventPositions(pool)

  return {
    async list(customerId, filter, page) {
      const { after, before } = filter
      const from = after === undefined ? null : await positions.before(customerId, after)
      const to = before === undefined ? null : await positions.since(customerId, before)
      const given = [...values(customerId, filter), from, page.after, to, page.limit + 1]
      const { rows } = await pool.query<Row>(LIST, given)
      const shown = withContent(rows.slice(0, page.limit), "body")
      return pageOf(
        shown,
        shown.length < rows.length,
        (row) => row.seq,
        (row) => row.body,
      )
    },

    async follow(customerId, filter, { after, limit }) {
      const upTo = await horizon()
      const { rows } = await pool.query<Row>(FOLLOW, [...values(customerId, filter), after, upTo, limit])
      const data = withContent(rows, "body").map(({ seq, body }) => ({ at: Number(seq), body }))
      const full = rows.length === limit || data.length < rows.length
      return { data, next: full ? (data.at(-1)?.at ?? after) : Math.max(after, upTo), full }
    },

    horizon,
    currentHorizon,

    async arrived(customerIds, after, upTo) {
      const { rows } = await pool.query<{ id: string }>(
        `select id from unnest($1::text[]) as t (id)
         where exists (select from events where left(customer_id, 64) = t.id and seq > $2 and seq <= $3)`,
        [customerIds, after, upTo],
      )
      return rows.map(({ id }) => id)
    },

    async get(customerId, id) {
      const text =
        "select body from events where customer_id = $1 and id = $2 and platform <> $3 order by day desc limit 1"
      const { rows } = await pool.query<{ body: string }>(text, [customerId, id, OPERATIONAL])
      return rows[0]?.body ?? null
    },
  }
}

function values(customerId: string, filter: EventFilter): unknown[] {
  return [
    customerId,
    filter.platform ?? null,
    filter.page_id ?? null,
    filter.event ?? null,
    filter.conversation_id ?? null,
    filter.from ?? null,
    filter.after ?? null,
    filter.before ?? null,
  ]
}
