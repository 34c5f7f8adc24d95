import type { Erasure } from "../../core/commit-rows.ts"
import { eraseMessage } from "../../core/event/erase-message.ts"
import { ints, texts } from "../connection/arrays.ts"
import { boundedPage, withContent } from "../connection/page-bytes.ts"
import type { Queryable } from "../connection/pool.ts"
import { notifyErased } from "./erased-events.ts"

interface Row {
  customer_id: string
  id: string
  day: string
  /** null if the events before it are enough for one step. */
  body: string | null
}

interface Wanted {
  customerId: string
  id: string
}

const FIND = boundedPage({
  found: `
    select e.customer_id, e.id, e.day, e.body from unnest($1::text[], $2::text[]) as t (customer_id, id)
    join events e on e.customer_id = t.customer_id and e.id = t.id
    order by 1, 2, 3 for update of e`,
  columns: "customer_id, id, day::text as day",
  content: "body",
  order: "customer_id, id, day",
})

const ERASE = `
with erased as (
  update events e set body = t.body, compact_length = t.compact_length, raw = null
  from unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::int[]) as t (customer_id, id, day, body, compact_length)
  where e.customer_id = t.customer_id and e.id = t.id and e.day = t.day
  returning e.customer_id, e.id
) ${notifyErased("erased")}`

/**
 * Removes the content from the events of unsent messages, whatever the state of their deliveries, and notifies
 * dispatchers, which drop what they have prefetched of them.
 */
export async function eraseMessages(connection: Queryable, erasures: readonly Erasure[]): Promise<void> {
  let wanted: Wanted[] = erasures.flatMap(({ customerId, eventIds }) => eventIds.map((id) => ({ customerId, id })))
  while (wanted.length > 0) {
    const { rows } = await connection.query<Row>({
      name: "find_erased",
      text: FIND,
      values: [texts(wanted.map(({ customerId }) => customerId)), texts(wanted.map(({ id }) => id))],
    })
    const found = withContent(rows, "body")
    await erase(connection, found)
    wanted = rows.filter(({ body }) => body === null).map((row) => ({ customerId: row.customer_id, id: row.id }))
  }
}

async function erase(connection: Queryable, rows: readonly (Row & { body: string })[]): Promise<void> {
  const erased = rows.flatMap((row) => {
    const without = eraseMessage(row.body)
    return without === null ? [] : [{ ...row, ...without }]
  })
  if (erased.length === 0) return
  await connection.query({
    name: "erase_events",
    text: ERASE,
    values: [
      texts(erased.map((row) => row.customer_id)),
      texts(erased.map((row) => row.id)),
      erased.map((row) => row.day),
      texts(erased.map((row) => row.body)),
      ints(erased.map((row) => row.compactLength)),
    ],
  })
}
