import { firstIdAt } from "../core/ids.ts"
import type { Pool } from "./pool.ts"

const DAY_MS = 86_400_000
/** Meta repeats itself for up to seven days, so events are known for eight, whatever the retention. */
const DEDUPLICATION_DAYS = 8
const DAYS_AHEAD = 2
const ADVISORY_LOCK = 0x0e400d

export interface OverdueEndpoint {
  endpointId: string
  /** How long its oldest delivery has been due. */
  overdueMs: number
  /** A dispatcher has it in hand. */
  leased: boolean
}

/** Steps from endpoint to endpoint through the index, so the cost is the number of endpoints, not of deliveries. */
const OVERDUE = `
with recursive waiting as (
  (select endpoint_id from deliveries_open order by endpoint_id limit 1)
  union all
  select (select endpoint_id from deliveries_open where endpoint_id > w.endpoint_id order by endpoint_id limit 1)
  from waiting w where w.endpoint_id is not null
)
select w.endpoint_id, (extract(epoch from now() - head.due_at) * 1000)::float8 as overdue_ms,
  exists (select from drains where endpoint_id = w.endpoint_id and expires_at > now()) as leased
from waiting w
join endpoints e on e.id = w.endpoint_id and e.status = 'active'
cross join lateral (
  select due_at from deliveries_open where endpoint_id = w.endpoint_id order by due_at limit 1
) head
where head.due_at <= now()`

export function createMaintenanceStore(pool: Pool, retentionDays: number) {
  return {
    async overdue(): Promise<OverdueEndpoint[]> {
      const { rows } = await pool.query<{ endpoint_id: string; overdue_ms: number; leased: boolean }>(OVERDUE)
      return rows.map((row) => ({ endpointId: row.endpoint_id, overdueMs: row.overdue_ms, leased: row.leased }))
    },

    /** Makes the partitions of the days around `nowMs`, and drops those behind the retention. */
    async partition(nowMs: number): Promise<void> {
      await pool.transaction(async (connection) => {
        await connection.query(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`)
        const { rows } = await connection.query<{ name: string }>(
          "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid",
        )
        const existing = new Set(rows.map((row) => row.name))
        const today = Math.floor(nowMs / DAY_MS)
        const keptEvents = Math.max(retentionDays, DEDUPLICATION_DAYS)
        for (let day = today - DEDUPLICATION_DAYS; day <= today + DAYS_AHEAD; day++) {
          const { name, from, to } = dayPartition("events", day)
          if (existing.has(name)) continue
          await connection.query(`create table ${name} partition of events for values from ('${from}') to ('${to}')`)
        }
        for (const table of ["deliveries_closed", "attempts"] as const) {
          for (let day = today; day <= today + DAYS_AHEAD; day++) {
            const { name } = dayPartition(table, day)
            if (existing.has(name)) continue
            const [from, to] = [day, day + 1].map((bound) => firstIdAt("dlv", bound * DAY_MS))
            await connection.query(
              `create table ${name} partition of ${table} for values from ('${from}') to ('${to}')`,
            )
          }
        }
        for (const name of existing) {
          const [, table, year, month, date] = /^(\w+?)_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []
          if (!table) continue
          const age = today - Date.parse(`${year}-${month}-${date}T00:00:00Z`) / DAY_MS
          if (age > (table === "events" ? keptEvents : retentionDays)) await connection.query(`drop table ${name}`)
        }
        await connection.query("delete from events_other where received_at < now() - make_interval(days => $1)", [
          keptEvents,
        ])
        await connection.query("delete from faults where received_at < now() - make_interval(days => $1)", [
          retentionDays,
        ])
      })
    },

    /** The open deliveries come and go faster than an autovacuum comes by, and the embedded store has none. */
    async vacuum(): Promise<void> {
      await pool.query("vacuum (analyze) deliveries_open")
      await pool.query("vacuum drains")
    },
  }
}

export type MaintenanceStore = ReturnType<typeof createMaintenanceStore>

function dayPartition(table: string, day: number) {
  const date = (offset: number) => new Date((day + offset) * DAY_MS).toISOString().slice(0, 10)
  return { name: `${table}_${date(0).replaceAll("-", "")}`, from: date(0), to: date(1) }
}
