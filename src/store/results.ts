import type { AttemptRecord } from "../core/records.ts"
import type { Queryable } from "./pool.ts"
import { textArray } from "./text-array.ts"

/** A result is a fact even when the lease was lost meanwhile; a delivery that is closed already stays as it is. */
const RECORD = `
with result as materialized (
  select * from unnest($1::text[], $2::text[], $3::int[], $4::float8[], $5::int[], $6::text[], $7::text[], $8::int[],
    $9::text[], $10::text[], $11::float8[])
    as t (customer_id, delivery_id, number, started_at_ms, duration_ms, outcome, verdict, status, error, response,
      retry_in_ms)
), moved as (
  update deliveries d set
    attempts = r.number,
    open = r.verdict = 'retry',
    state = case r.verdict when 'retry' then 'pending' else r.verdict end,
    due_at = case r.verdict when 'retry' then now() + r.retry_in_ms * interval '1 ms' else d.due_at end,
    finished_at = case r.verdict when 'retry' then null else now() end
  from result r
  where d.open and d.customer_id = r.customer_id and d.id = r.delivery_id
)
insert into attempts (customer_id, delivery_id, number, started_at, duration_ms, outcome, verdict, status, error,
  response, next_attempt_at)
select customer_id, delivery_id, number, to_timestamp(started_at_ms / 1000), duration_ms, outcome, verdict, status,
  error, response, now() + retry_in_ms * interval '1 ms'
from result
on conflict do nothing`

/** Writes attempts and moves their deliveries on, all in one statement. */
export async function recordResults(pool: Queryable, results: AttemptRecord[]): Promise<void> {
  const values = [
    textArray(results.map((r) => r.customerId)),
    textArray(results.map((r) => r.deliveryId)),
    results.map((r) => r.number),
    results.map((r) => r.startedAtMs),
    results.map((r) => r.durationMs),
    textArray(results.map((r) => r.outcome)),
    textArray(results.map((r) => r.verdict)),
    results.map((r) => r.status),
    textArray(results.map((r) => r.error)),
    // What an endpoint answers may hold control characters, so its literal is the driver's to make.
    results.map((r) => r.response),
    results.map((r) => r.retryInMs),
  ]
  await pool.query({ name: "record", text: RECORD, values })
}
