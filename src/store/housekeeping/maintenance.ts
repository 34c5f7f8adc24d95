import { OLDEST_EVENT_DAYS } from "../../core/event/event-day.ts"
import { firstIdAt } from "../../core/event/ids.ts"
import { tryEach } from "../../scheduling/try-each.ts"
import type { Pool, Queryable } from "../connection/pool.ts"
import { WITH_WAITING_ENDPOINTS } from "../deliveries/waiting-endpoints.ts"
import { removeExpired } from "./remove-expired.ts"

const DAY_MS = 86_400_000
const DAYS_AHEAD = 2
const ADVISORY_LOCK = 0x0e400d
/** A new partition that waits for a long reader (a backup, for example) blocks all webhooks. */
const LOCK_TIMEOUT_MS = 1_000
/** The size of the write-ahead log that a crash recovery reads; up to twice as much is kept on disk. */
const CHECKPOINT_AFTER_BYTES = 64 * 2 ** 20
/** Tables with enough dead rows for autovacuum's default thresholds, roughly. */
const CHURNED = `select relid::regclass::text as name from pg_stat_all_tables
where schemaname <> 'pg_toast' and n_dead_tup > 1000 + n_live_tup / 5`

const EARLIER_CLOCK = "select (extract(epoch from least(now(), $1::timestamptz)) * 1000)::float8 as ms"

export interface OverdueEndpoint {
  endpointId: string
  /** How long its oldest delivery has been due. */
  overdueMs: number
  /** A dispatcher holds it, or a stored hold says until when nothing may be sent to it. */
  leased: boolean
}

const OVERDUE = `${WITH_WAITING_ENDPOINTS}
select w.endpoint_id, (extract(epoch from now() - head.due_at) * 1000)::float8 as overdue_ms,
  exists (
    select from drains where endpoint_id = w.endpoint_id and (expires_at > now() or (held_until > now()
      and held_revision_ms = floor(extract(epoch from e.updated_at) * 1000)))
  ) as leased
from waiting w
join endpoints e on e.id = w.endpoint_id and e.status = 'active'
cross join lateral (
  select min(due_at) as due_at from (
    (select created_at as due_at from deliveries_fresh where endpoint_id = w.endpoint_id order by id limit 1)
    union all
    (select due_at from deliveries_retry where left(endpoint_id, 64) = w.endpoint_id order by due_at limit 1)
    union all
    (select created_at from deliveries_replay where endpoint_id = w.endpoint_id order by id limit 1)
  ) first
) head
where head.due_at <= now()`

export function createMaintenanceStore(pool: Pool, retentionDays: number) {
  /** Runs `work` in one process at a time, with the names of the existing partitions. */
  const partitioning = <T>(work: (connection: Queryable, existing: string[]) => Promise<T>) =>
    pool.transaction(async (connection) => {
      await connection.query(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`)
      await connection.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
      const { rows } = await connection.query<{ name: string }>(
        `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent in ('events'::regclass, 'deliveries_done'::regclass, 'attempts'::regclass) order by name`,
      )
      return work(
        connection,
        rows.map((row) => row.name),
      )
    })

  /** One by one: each drop takes several locks, and a server's lock table is limited. */
  async function drop(isExpired: (name: string) => boolean): Promise<void> {
    const expired = await partitioning(async (_, existing) => existing.filter(isExpired))
    await tryEach(expired, (name) => partitioning((connection) => connection.query(`drop table if exists ${name}`)))
  }

  /** Without a lock: almost always nothing is missing. */
  async function withoutExisting(wanted: readonly Partition[]): Promise<Partition[]> {
    const names = wanted.map(({ name }) => name)
    const text = "select relname as name from pg_class where relname = any($1)"
    const { rows } = await pool.query<{ name: string }>(text, [names])
    const existing = new Set(rows.map(({ name }) => name))
    return wanted.filter(({ name }) => !existing.has(name))
  }

  async function create(partitions: readonly Partition[], connection: Queryable, existing: readonly string[]) {
    for (const { name, table, column, from, to } of partitions) {
      if (existing.includes(name)) continue
      // If the default partition already has rows of the day, Postgres refuses a partition for it.
      const { rows: early } = await connection.query(
        `select 1 from ${table}_other where ${column} >= '${from}' and ${column} < '${to}' limit 1`,
      )
      if (early.length > 0) continue
      await connection.query(`create table ${name} partition of ${table} for values from ('${from}') to ('${to}')`)
    }
  }

  return {
    async overdue(): Promise<OverdueEndpoint[]> {
      const { rows } = await pool.query<{ endpoint_id: string; overdue_ms: number; leased: boolean }>(OVERDUE)
      return rows.map((row) => ({ endpointId: row.endpoint_id, overdueMs: row.overdue_ms, leased: row.leased }))
    },

    /** Creates the partitions of the days around `nowMs`. Until it succeeds, rows go to the default partitions. */
    async partition(nowMs: number): Promise<void> {
      const today = Math.floor(nowMs / DAY_MS)
      const wanted = [
        ...days(today - OLDEST_EVENT_DAYS, today + DAYS_AHEAD).map(eventPartition),
        ...days(today, today + DAYS_AHEAD).flatMap((day) => [
          deliveryPartition("deliveries_done", "id", day),
          deliveryPartition("attempts", "delivery_id", day),
        ]),
      ]
      const missing = await withoutExisting(wanted)
      const byTable = Map.groupBy(missing, ({ table }) => table)
      await tryEach(byTable.values(), (partitions) => partitioning((...given) => create(partitions, ...given)))
    },

    /**
     * Drops the partitions and removes the rows that are past the retention, both by the store's clock and by `nowMs`:
     * either clock may be wrong, and removal cannot be undone.
     */
    async expire(nowMs: number): Promise<void> {
      // Events that Meta may send again must stay known, whatever the retention.
      const keptEvents = Math.max(retentionDays, OLDEST_EVENT_DAYS)
      const { rows } = await pool.query<{ ms: number }>(EARLIER_CLOCK, [new Date(nowMs)])
      const earlierMs = rows[0]?.ms ?? 0
      const today = Math.floor(earlierMs / DAY_MS)
      const dropping = drop((name) => {
        const [, table, year, month, date] = /^(\w+?)_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []
        const age = today - Date.parse(`${year}-${month}-${date}T00:00:00Z`) / DAY_MS
        return age > (table === "events" ? keptEvents : retentionDays)
      })
      await dropping.finally(() => removeExpired(pool, { events: keptEvents, rest: retentionDays }, earlierMs))
    },

    /** Open deliveries change faster than autovacuum runs, and the embedded store has no autovacuum. */
    async vacuum(): Promise<void> {
      await pool.query("vacuum (analyze) deliveries_fresh")
      await pool.query("vacuum (analyze) deliveries_retry")
      await pool.query("vacuum (analyze) deliveries_replay")
      await pool.query("vacuum drains")
    },

    /** For the embedded store, which has neither autovacuum nor a checkpointer. */
    async tidy(): Promise<void> {
      const { rows } = await pool.query<{ name: string }>(CHURNED)
      for (const { name } of rows) await pool.query(`vacuum (analyze) ${name}`)
      const { rowCount } = await pool.query(
        "select from pg_control_checkpoint() where pg_current_wal_lsn() - redo_lsn > $1",
        [CHECKPOINT_AFTER_BYTES],
      )
      if (rowCount) await pool.query("checkpoint")
    },
  }
}

const days = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10)

const nameOf = (table: string, day: number) => `${table}_${dateOf(day).replaceAll("-", "")}`

interface Partition {
  name: string
  table: string
  column: string
  from: string
  to: string
}

function eventPartition(day: number): Partition {
  const table = "events"
  return { name: nameOf(table, day), table, column: "day", from: dateOf(day), to: dateOf(day + 1) }
}

/** A delivery's id begins with its time, so the ids of a day are a range. */
function deliveryPartition(table: "deliveries_done" | "attempts", column: string, day: number): Partition {
  const firstId = (bound: number) => firstIdAt("dlv", bound * DAY_MS)
  return { name: nameOf(table, day), table, column, from: firstId(day), to: firstId(day + 1) }
}
