import type { NewReplay, Replay } from "../../core/api/resources/replay.ts"
import type { Horizon } from "../../core/api/stores/events.ts"
import type { ReplaysStore } from "../../core/api/stores/replays.ts"
import { QUERY_CANCELED } from "../../core/errors/sqlstate.ts"
import { firstIdAt } from "../../core/event/ids.ts"
import { CLOCK_SLACK_MS } from "../connection/clock-slack.ts"
import type { Pool } from "../connection/pool.ts"
import { iso, isoOrNull, toPage } from "../connection/rows.ts"
import { createEventPositions } from "../events/event-positions.ts"
import { choiceValues, countStatement } from "./replay-source.ts"

export interface ReplayRow {
  id: string
  customer_id: string
  endpoint_id: string
  status: Replay["status"]
  received_after: Date
  received_before: Date | null
  state: Replay["state"]
  event: string | null
  page_id: string | null
  conversation_id: string | null
  rate: number | null
  total: number | null
  made: number
  position: string
  up_to: string
  created_at: Date
  finished_at: Date | null
  failures: number
  error: string | null
}

const MAX_COUNTED = 100_000

export function createReplaysStore(pool: Pool, { currentHorizon }: Pick<Horizon, "currentHorizon">): ReplaysStore {
  const positions = createEventPositions(pool)
  const first = ({ rows }: { rows: ReplayRow[] }) => (rows[0] ? present(rows[0]) : null)

  /** The positions where the replay begins and ends. What arrives from now on is not part of it. */
  async function bounds(customerId: string, given: NewReplay, nowMs: number): Promise<[string, string]> {
    const { after, before, state } = given
    if (state === undefined) {
      const horizon = await currentHorizon()
      const end = before === undefined ? null : await positions.since(customerId, before)
      return [await positions.before(customerId, after), String(Math.min(horizon, Number(end ?? horizon)))]
    }
    return [firstIdAt("dlv", Math.max(0, Date.parse(after) - CLOCK_SLACK_MS)), firstIdAt("dlv", nowMs + CLOCK_SLACK_MS)]
  }

  async function count(values: unknown[], state: string | null, [from, to]: [string, string]): Promise<number | null> {
    const text = countStatement(state, MAX_COUNTED + 1)
    const all = [...values, from, to, null, ...(state === null ? [] : [state])]
    try {
      const { rows } = await pool.query<{ count: number }>(text, all)
      const counted = rows[0]?.count ?? 0
      return counted > MAX_COUNTED ? null : counted
    } catch (error) {
      if ((error as { code?: string }).code === QUERY_CANCELED) return null
      throw error
    }
  }

  return {
    async count(customerId, endpointId, given, nowMs) {
      const choice = toChoice(customerId, endpointId, given)
      return count(choiceValues(choice), given.state ?? null, await bounds(customerId, given, nowMs))
    },

    async create({ id, customerId, endpointId, given, nowMs }, max) {
      const values = choiceValues(toChoice(customerId, endpointId, given))
      const state = given.state ?? null
      const [from, to] = await bounds(customerId, given, nowMs)
      const total = await count(values, state, [from, to])
      const created = await pool.query<ReplayRow>(
        `insert into replays (customer_id, endpoint_id, received_after, received_before, event, page_id,
           conversation_id, id, state, rate, total, position, up_to)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::int, $11::int, $12, $13
         where (select count(*) from replays where customer_id = $1 and status = 'running') < $14::int
         returning *`,
        [...values, id, state, given.rate ?? null, total, from, to, max],
      )
      return first(created) ?? "full"
    },

    async get(customerId, id) {
      return first(await pool.query("select * from replays where customer_id = $1 and id = $2", [customerId, id]))
    },

    async list(customerId, endpointId, page) {
      const { rows } = await pool.query<ReplayRow>(
        `select * from replays where customer_id = $1 and ($2::text is null or endpoint_id = $2)
           and ($3::text is null or id < $3) order by id desc limit $4`,
        [customerId, endpointId ?? null, page.after, page.limit + 1],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async cancel(customerId, id) {
      const text = `update replays set
          finished_at = case status when 'running' then now() else finished_at end,
          status = case status when 'running' then 'canceled' else status end
        where customer_id = $1 and id = $2 returning *`
      return first(await pool.query<ReplayRow>(text, [customerId, id]))
    },
  }
}

function toChoice(customer_id: string, endpoint_id: string, given: NewReplay) {
  return {
    customer_id,
    endpoint_id,
    received_after: given.after,
    received_before: given.before ?? null,
    event: given.event ?? null,
    page_id: given.page_id ?? null,
    conversation_id: given.conversation_id ?? null,
  }
}

function present(row: ReplayRow): Replay {
  return {
    id: row.id,
    endpoint_id: row.endpoint_id,
    status: row.status,
    error: row.error,
    after: iso(row.received_after),
    before: isoOrNull(row.received_before),
    state: row.state,
    event: row.event,
    page_id: row.page_id,
    conversation_id: row.conversation_id,
    rate: row.rate,
    total: row.total,
    made: row.made,
    created_at: iso(row.created_at),
    finished_at: isoOrNull(row.finished_at),
  }
}
