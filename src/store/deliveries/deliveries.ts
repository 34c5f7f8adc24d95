import type { Delivery } from "../../core/api/resources/delivery.ts"
import type { DeliveriesStore } from "../../core/api/stores/deliveries.ts"
import { firstIdAt } from "../../core/event/ids.ts"
import { CLOCK_SLACK_MS } from "../connection/clock-slack.ts"
import { WALKS_INDEXES } from "../connection/planner.ts"
import type { Pool } from "../connection/pool.ts"
import { iso, isoOrNull, toPage } from "../connection/rows.ts"
import { type EndpointRow, headerNames } from "../directory/endpoint-rows.ts"
import type { Vault } from "../directory/vault.ts"
import { addTest } from "./add-test.ts"
import { type AttemptRow, presentAttempt } from "./present-attempt.ts"
import { retryDelivery } from "./retry-delivery.ts"
import { FINISHED, OPEN } from "./stages.ts"

interface Row {
  id: string
  endpoint_id: string
  event_id: string
  event: string
  stage: "fresh" | "retry" | "replay" | Exclude<Delivery["state"], "pending" | "held">
  held: boolean
  canceled_reason: string | null
  attempts: number
  due_at: Date | null
  created_at: Date
  finished_at: Date | null
}

/** The row of a finished delivery holds its last attempt. */
interface FullRow extends Row, Omit<AttemptRow, "number" | "verdict" | "next_attempt_at" | "started_at"> {
  started_at: Date | null
}

const COLUMNS = `id, endpoint_id, event_id, event, stage, attempts, due_at, created_at, finished_at,
  case when stage = 'canceled' then error end as canceled_reason`

const ALL_COLUMNS = "*, case when stage = 'canceled' then error end as canceled_reason"

/** Open deliveries are found through the customer's endpoints, finished ones through the customer. */
const open = (columns: string, where: string, endpoints = "true") => `
  select mine.*, e.status <> 'active' as held from endpoints e cross join lateral (
    select ${columns} from deliveries where ${OPEN} and endpoint_id = e.id and customer_id = $1 and ${where}
  ) mine where e.customer_id = $1 and ${endpoints}`
const finished = (columns: string, where: string) => `
  select ${columns}, false as held from deliveries where ${FINISHED} and customer_id = $1 and ${where}`

/** The bounds on ids are never null, so that a generic plan uses them with the index, too. */
const LISTED = `id < $2 and id >= $3 and ($4::text is null or endpoint_id = $4)
  and ($5::text is null or event_id = $5) and ($6::text is null or event = $6) and ($7::text is null or stage = $7)
  and ($8::timestamptz is null or created_at >= $8) and ($9::timestamptz is null or created_at < $9)
  order by id desc limit $10`
const AFTER_ALL = "~"

export function createDeliveriesStore(pool: Pool, vault: Vault): DeliveriesStore {
  /** From the endpoint's current settings; empty if it was deleted. */
  async function ownHeaders(customerId: string, endpointId: string): Promise<Record<string, "***">> {
    const { rows } = await pool.query<Pick<EndpointRow, "id" | "headers" | "hub_signature">>(
      "select id, headers, hub_signature from endpoints where customer_id = $1 and id = $2",
      [customerId, endpointId],
    )
    const [row] = rows
    if (!row) return {}
    return { ...headerNames(vault, row), ...(row.hub_signature ? { "x-hub-signature-256": "***" } : {}) }
  }

  /**
   * The lowest id that a delivery of the event can have, from the time when the event was received. Deliveries have no
   * index by event, so if the event is no longer stored (null), all of the customer's are scanned.
   */
  async function firstIdOf(customerId: string, eventId: string | undefined): Promise<string | null> {
    if (eventId === undefined) return null
    const text = "select min(received_at) as received_at from events where customer_id = $1 and id = $2"
    const { rows } = await pool.query<{ received_at: Date | null }>(text, [customerId, eventId])
    return boundary(rows[0]?.received_at?.toISOString(), -CLOCK_SLACK_MS)
  }

  /** By index: if one endpoint seems to own most open deliveries, another plan reads all of them for every endpoint. */
  function queryByIndex(text: string, values: unknown[]) {
    return pool.transaction(async (connection) => {
      await connection.query(WALKS_INDEXES)
      return connection.query<Row>(text, values)
    })
  }

  return {
    async list(customerId, filter, page) {
      const { state } = filter
      const from = [boundary(filter.after, -CLOCK_SLACK_MS), await firstIdOf(customerId, filter.event_id)]
      const to = [boundary(filter.before, CLOCK_SLACK_MS), page.after]
      const parts = sourcesOf(state)
        .map((source) => `(${source})`)
        .join(" union all ")
      const { rows } = await queryByIndex(`select * from (${parts}) found order by id desc limit $10`, [
        customerId,
        to.reduce<string>((lowest, id) => (id !== null && id < lowest ? id : lowest), AFTER_ALL),
        from.reduce<string>((highest, id) => (id !== null && id > highest ? id : highest), ""),
        filter.endpoint_id ?? null,
        filter.event_id ?? null,
        filter.event ?? null,
        state === undefined || isOpen(state) ? null : state,
        filter.after ?? null,
        filter.before ?? null,
        page.limit + 1,
      ])
      return toPage(rows, page, (row) => row.id, present)
    },

    async get(customerId, id) {
      const text = `${finished(ALL_COLUMNS, "id = $2")} union all ${open(ALL_COLUMNS, "id = $2")} limit 1`
      const { rows } = await pool.query<FullRow>(text, [customerId, id])
      const [row] = rows
      if (!row) return null
      const attempts = await pool.query<AttemptRow>(
        "select * from attempts where delivery_id = $2 and customer_id = $1 order by number",
        [customerId, id],
      )
      const context = {
        deliveryId: id,
        eventId: row.event_id,
        ownHeaders: await ownHeaders(customerId, row.endpoint_id),
      }
      const log = [...attempts.rows, ...lastAttempt(row)].map((attempt) => presentAttempt(context, attempt))
      return { ...present(row), attempt_log: log }
    },

    addTest: (event, delivery) => addTest(pool, event, delivery),
    retry: (customerId, id) => retryDelivery(pool, customerId, id),
  }
}

const isOpen = (state: Delivery["state"]) => state === "pending" || state === "held"

/** The queries that find deliveries of a state. An open delivery is held if its endpoint is not active. */
function sourcesOf(state: Delivery["state"] | undefined): string[] {
  if (state === undefined) return [open(COLUMNS, LISTED), finished(COLUMNS, LISTED)]
  if (!isOpen(state)) return [finished(COLUMNS, LISTED)]
  return [open(COLUMNS, LISTED, `(e.status <> 'active') = ${state === "held"}`)]
}

/** Ids begin with their time, so with a bound on them Postgres skips the other partitions. */
function boundary(time: string | undefined, slackMs: number): string | null {
  return time === undefined ? null : firstIdAt("dlv", Math.max(0, Date.parse(time) + slackMs))
}

function present(row: Row): Delivery {
  const { stage } = row
  const openState = row.held ? "held" : "pending"
  const state = stage === "fresh" || stage === "retry" || stage === "replay" ? openState : stage
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
    canceled_reason: row.canceled_reason,
  }
}

function lastAttempt(row: FullRow): AttemptRow[] {
  if (row.started_at === null) return []
  return [{ ...row, started_at: row.started_at, number: row.attempts, verdict: row.stage, next_attempt_at: null }]
}
