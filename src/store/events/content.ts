import type { Content, Delivery } from "../../core/delivery/delivery.ts"
import type { Queryable } from "../connection/pool.ts"

const CONTENT = `
select body, compact_length, case when $4 = 1 then raw end as raw from events
where customer_id = $1 and id = $2 and day = $3::text::date`

/** Reads the content of a big delivery, which a claim leaves out; null if the event is no longer stored. */
export async function readContent(
  pool: Queryable,
  { customerId, eventId, big }: Delivery,
  withRaw: boolean,
): Promise<Content | null> {
  const values = [customerId, eventId, big?.day, Number(withRaw)]
  const { rows } = await pool.query<{ body: string; compact_length: number; raw: string | null }>({
    name: "content",
    text: CONTENT,
    values,
  })
  const [row] = rows
  return row ? { body: row.body, compactLength: row.compact_length, raw: row.raw } : null
}
