import { firstIdAt } from "../core/ids.ts"
import type { Page, PageRequest } from "../core/resources/common.ts"
import type { Attempt, Delivery, DeliveryFilter, DeliveryWithAttempts } from "../core/resources/delivery.ts"
import type { Queryable } from "./pool.ts"
import { iso, isoOrNull, toPage } from "./rows.ts"
import { FINISHED, OPEN } from "./stages.ts"

interface Row {
  id: string
  endpoint_id: string
  event_id: string
  event: string
  stage: "fresh" | "retry" | Exclude<Delivery["state"], "pending">
  attempts: number
  due_at: Date | null
  created_at: Date
  finished_at: Date | null
}

/** A finished delivery holds its last attempt. */
interface WholeRow extends Row, Omit<AttemptRow, "number" | "verdict" | "next_attempt_at" | "started_at"> {
  started_at: Date | null
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

const COLUMNS = "id, endpoint_id, event_id, event, stage, attempts, due_at, created_at, finished_at"

/** Open deliveries are found through the customer's endpoints, finished ones through the customer. */
const open = (columns: string, where: string) => `
  select mine.* from endpoints e cross join lateral (
    select ${columns} from deliveries where ${OPEN} and endpoint_id = e.id and customer_id = $1 and ${where}
  ) mine where e.customer_id = $1`
const finished = (columns: string, where: string) => `
  select ${columns} from deliveries where ${FINISHED} and customer_id = $1 and ${where}`

const LISTED = `($2::text is null or id < $2) and ($3::text is null or endpoint_id = $3)
  and ($4::text is null or event_id = $4) and ($5::text is null or event = $5) and ($6::text is null or stage = $6)
  and ($7::timestamptz is null or created_at >= $7) and ($8::text is null or id >= $8)
  and ($9::timestamptz is null or created_at < $9) and ($10::text is null or id < $10)
  order by id desc limit $11`

export function createDeliveriesStore(pool: Queryable) {
  return {
    /** Newest first. */
    async list(customerId: string, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>> {
      const { state } = filter
      const places = state === undefined ? [open, finished] : [state === "pending" ? open : finished]
      const parts = places.map((place) => `(${place(COLUMNS, LISTED)})`).join(" union all ")
      const { rows } = await pool.query<Row>(`select * from (${parts}) found order by id desc limit $11`, [
        customerId,
        page.after,
        filter.endpoint_id ?? null,
        filter.event_id ?? null,
        filter.event ?? null,
        state === "pending" ? null : (state ?? null),
        filter.after ?? null,
        boundary(filter.after, -CLOCK_SLACK_MS),
        filter.before ?? null,
        boundary(filter.before, CLOCK_SLACK_MS),
        page.limit + 1,
      ])
      return toPage(rows, page, (row) => row.id, present)
    },

    async get(customerId: string, id: string): Promise<DeliveryWithAttempts | null> {
      const text = `${finished("*", "id = $2")} union all ${open("*", "id = $2")} limit 1`
      const { rows } = await pool.query<WholeRow>(text, [customerId, id])
      const [row] = rows
      if (!row) return null
      const attempts = await pool.query<AttemptRow>(
        "select * from attempts where delivery_id = $2 and customer_id = $1 order by number",
        [customerId, id],
      )
      const log = attempts.rows.map((attempt) => presentAttempt(id, attempt))
      return { ...present(row), attempt_log: [...log, ...lastAttempt(row)] }
    },
  }
}

/** Ids begin with their time, so a bound on them keeps other partitions closed. */
function boundary(time: string | undefined, slackMs: number): string | null {
  return time === undefined ? null : firstIdAt("dlv", Math.max(0, Date.parse(time) + slackMs))
}

function present(row: Row): Delivery {
  const state = row.stage === "fresh" || row.stage === "retry" ? "pending" : row.stage
  return {
    id: row.id,
    endpoint_id: row.endpoint_id,
    event_id: row.event_id,
    event: row.event,
    state,
    attempts: row.attempts,
    due_at: state === "pending" ? iso(row.due_at ?? row.created_at) : null,
    created_at: iso(row.created_at),
    finished_at: isoOrNull(row.finished_at),
  }
}

function lastAttempt(row: WholeRow): Attempt[] {
  if (row.started_at === null) return []
  const { started_at, attempts: number, stage: verdict } = row
  return [presentAttempt(row.id, { ...row, started_at, number, verdict, next_attempt_at: null })]
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
