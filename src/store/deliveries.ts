import { firstIdAt } from "../core/ids.ts"
import type { Page, PageRequest } from "../core/resources/common.ts"
import type { Attempt, Delivery, DeliveryFilter, DeliveryWithAttempts } from "../core/resources/delivery.ts"
import type { Queryable } from "./pool.ts"
import { iso, isoOrNull, toPage } from "./rows.ts"

interface Row {
  id: string
  open: boolean
  endpoint_id: string
  event_id: string
  event: string
  state: Delivery["state"]
  attempts: number
  due_at: Date
  created_at: Date
  finished_at: Date | null
}

interface AttemptRow {
  number: number
  started_at: Date
  duration_ms: number
  outcome: string
  verdict: string
  status: number | null
  error: string | null
  response: string | null
  next_attempt_at: Date | null
}

/** An id holds the clock of the gateway that made it, `created_at` the store's; they are never this far apart. */
const CLOCK_SLACK_MS = 3_600_000

export function createDeliveriesStore(pool: Queryable) {
  return {
    /** Newest first. */
    async list(customerId: string, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>> {
      const { rows } = await pool.query<Row>(
        `select * from deliveries
         where customer_id = $1 and ($2::text is null or id < $2) and ($3::text is null or endpoint_id = $3)
           and ($4::text is null or event_id = $4) and ($5::text is null or event = $5)
           and ($6::text is null or (state = $6 and open = ($6 = 'pending')))
           and ($7::timestamptz is null or created_at >= $7) and ($8::text is null or id >= $8)
           and ($9::timestamptz is null or created_at < $9) and ($10::text is null or id < $10)
         order by id desc limit $11`,
        [
          customerId,
          page.after,
          filter.endpoint_id ?? null,
          filter.event_id ?? null,
          filter.event ?? null,
          filter.state ?? null,
          filter.after ?? null,
          boundary(filter.after, -CLOCK_SLACK_MS),
          filter.before ?? null,
          boundary(filter.before, CLOCK_SLACK_MS),
          page.limit + 1,
        ],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async get(customerId: string, id: string): Promise<DeliveryWithAttempts | null> {
      const { rows } = await pool.query<Row>("select * from deliveries where customer_id = $1 and id = $2 limit 1", [
        customerId,
        id,
      ])
      if (!rows[0]) return null
      const attempts = await pool.query<AttemptRow>(
        "select * from attempts where delivery_id = $2 and customer_id = $1 order by number",
        [customerId, id],
      )
      return { ...present(rows[0]), attempt_log: attempts.rows.map((row) => presentAttempt(id, row)) }
    },
  }
}

/** Ids begin with their time, so a bound on them keeps other partitions closed. */
function boundary(time: string | undefined, slackMs: number): string | null {
  return time === undefined ? null : firstIdAt("dlv", Math.max(0, Date.parse(time) + slackMs))
}

function present(row: Row): Delivery {
  return {
    id: row.id,
    endpoint_id: row.endpoint_id,
    event_id: row.event_id,
    event: row.event,
    state: row.state,
    attempts: row.attempts,
    due_at: row.state === "pending" ? iso(row.due_at) : null,
    created_at: iso(row.created_at),
    finished_at: isoOrNull(row.finished_at),
  }
}

function presentAttempt(deliveryId: string, row: AttemptRow): Attempt {
  return {
    id: `${deliveryId.replace(/^dlv_/, "atm_")}_${row.number}`,
    number: row.number,
    started_at: iso(row.started_at),
    duration_ms: row.duration_ms,
    outcome: row.outcome,
    verdict: row.verdict,
    status: row.status,
    error: row.error,
    response: row.response,
    next_attempt_at: isoOrNull(row.next_attempt_at),
  }
}
