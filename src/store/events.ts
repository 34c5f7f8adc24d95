import type { Page, PageRequest } from "../core/resources/common.ts"
import type { EventFilter } from "../core/resources/event.ts"
import type { Queryable } from "./pool.ts"
import { toPage } from "./rows.ts"

interface Row {
  seq: string
  body: string
}

/** Events are read as the JSON text they were stored as, which is payload `full`. */
export function createEventsStore(pool: Queryable) {
  return {
    /** Newest arrival first. */
    async list(customerId: string, filter: EventFilter, page: PageRequest): Promise<Page<string>> {
      const { rows } = await pool.query<Row>(
        `select seq::text as seq, body from events
         where left(customer_id, 64) = $1 and ($2::bigint is null or seq < $2)
           and ($3::text is null or platform = $3) and ($4::text is null or page_id = $4)
           and ($5::text is null or event = $5) and ($6::text is null or conversation_id = $6)
           and ($7::text is null or sender = $7) and ($8::timestamptz is null or received_at >= $8)
           and ($9::timestamptz is null or received_at < $9)
         order by events.seq desc limit $10`,
        [
          customerId,
          page.after,
          filter.platform ?? null,
          filter.page_id ?? null,
          filter.event ?? null,
          filter.conversation_id ?? null,
          filter.from ?? null,
          filter.after ?? null,
          filter.before ?? null,
          page.limit + 1,
        ],
      )
      return toPage(
        rows,
        page,
        (row) => row.seq,
        (row) => row.body,
      )
    },

    async get(customerId: string, id: string): Promise<string | null> {
      const text = "select body from events where customer_id = $1 and id = $2 order by day desc limit 1"
      const { rows } = await pool.query<Row>(text, [customerId, id])
      return rows[0]?.body ?? null
    },
  }
}
