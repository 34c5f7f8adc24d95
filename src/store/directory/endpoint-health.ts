import type { CommitRows } from "../../core/commit-rows.ts"
import { EXHAUSTED_EVERY_MS, HEALTHY, type Health } from "../../core/delivery/endpoint-health.ts"
import type { Pool, Queryable } from "../connection/pool.ts"
import { insertEvents } from "../events/commit.ts"

/** What to write about the endpoints, in one transaction. */
export interface HealthDecision {
  /** The new health of each endpoint; null if it is healthy and its row can be deleted. */
  changed: Map<string, Health | null>
  /** Endpoints to disable, with the reason. One that is no longer active is left as it is. */
  disable: Map<string, string>
  /** The operational events to store, given the endpoints that were in fact disabled. */
  rows(disabled: ReadonlySet<string>): CommitRows
}

interface Row {
  endpoint_id: string
  failing_since: Date | null
  last_failure_at: Date | null
  failures: number
  warnings: number
  exhausted: number
  exhausted_since: Date | null
  exhausted_told_at: Date | null
}

/** Ordered, so that dispatchers cannot deadlock. */
const READ = `
select * from endpoint_health
where endpoint_id = any($1::text[]) or (exhausted > 0 and exhausted_told_at <= to_timestamp($2::float8 / 1000))
order by endpoint_id for update`

const WRITE = `
insert into endpoint_health as h (endpoint_id, failing_since, last_failure_at, failures, warnings, exhausted,
  exhausted_since, exhausted_told_at)
select t.id, to_timestamp(t.since / 1000), to_timestamp(t.last / 1000), t.failures, t.warnings, t.exhausted,
  to_timestamp(t.exhausted_since / 1000), to_timestamp(t.told / 1000)
from unnest($1::text[], $2::float8[], $3::float8[], $4::int[], $5::int[], $6::int[], $7::float8[], $8::float8[])
  as t (id, since, last, failures, warnings, exhausted, exhausted_since, told)
join endpoints e on e.id = t.id
order by t.id
on conflict (endpoint_id) do update set failing_since = excluded.failing_since,
  last_failure_at = excluded.last_failure_at, failures = excluded.failures, warnings = excluded.warnings,
  exhausted = excluded.exhausted, exhausted_since = excluded.exhausted_since,
  exhausted_told_at = excluded.exhausted_told_at`

const DISABLE = `
update endpoints e set status = 'disabled', disabled_reason = t.reason, updated_at = now()
from unnest($1::text[], $2::text[]) as t (id, reason)
where e.id = t.id and e.status = 'active' returning e.id`

export function createEndpointHealthStore(pool: Pool) {
  return {
    /**
     * Reads the health of the endpoints, and of those whose exhausted deliveries are to be reported now, and writes
     * what `decide` returns, with its operational events, in one transaction.
     *
     * @returns the endpoints that were disabled
     */
    async settle(
      endpointIds: string[],
      nowMs: number,
      decide: (known: ReadonlyMap<string, Health>) => HealthDecision,
    ): Promise<Set<string>> {
      return pool.transaction(async (connection) => {
        const { rows } = await connection.query<Row>(READ, [endpointIds, nowMs - EXHAUSTED_EVERY_MS])
        const decision = decide(new Map(rows.map((row) => [row.endpoint_id, toHealth(row)])))
        const disabled = await disable(connection, decision.disable)
        await write(connection, decision.changed)
        const operational = decision.rows(disabled)
        if (operational.events.length > 0) await insertEvents(connection, operational)
        return disabled
      })
    },
  }
}

async function disable(connection: Queryable, reasons: Map<string, string>): Promise<Set<string>> {
  if (reasons.size === 0) return new Set()
  const { rows } = await connection.query<{ id: string }>(DISABLE, [[...reasons.keys()], [...reasons.values()]])
  return new Set(rows.map(({ id }) => id))
}

async function write(connection: Queryable, changed: Map<string, Health | null>): Promise<void> {
  const healthy = [...changed].filter(([, health]) => health === null).map(([id]) => id)
  if (healthy.length > 0) {
    await connection.query("delete from endpoint_health where endpoint_id = any($1::text[])", [healthy])
  }
  const kept = [...changed].flatMap(([id, health]) => (health ? [{ id, ...health }] : []))
  if (kept.length === 0) return
  await connection.query(WRITE, [
    kept.map(({ id }) => id),
    kept.map(({ failing }) => failing?.sinceMs ?? null),
    kept.map(({ failing }) => failing?.lastAtMs ?? null),
    kept.map(({ failing }) => failing?.failures ?? 0),
    kept.map(({ failing }) => failing?.warnings ?? 0),
    kept.map(({ exhausted }) => exhausted?.count ?? 0),
    kept.map(({ exhausted }) => exhausted?.sinceMs ?? null),
    kept.map(({ exhaustedNotifiedAtMs }) => exhaustedNotifiedAtMs),
  ])
}

function toHealth(row: Row): Health {
  const { failing_since: since, last_failure_at: last, exhausted_since: exhaustedSince, failures, warnings } = row
  return {
    ...HEALTHY,
    failing: since && { sinceMs: since.getTime(), lastAtMs: (last ?? since).getTime(), failures, warnings },
    exhausted: exhaustedSince && { count: row.exhausted, sinceMs: exhaustedSince.getTime() },
    exhaustedNotifiedAtMs: row.exhausted_told_at?.getTime() ?? null,
  }
}
