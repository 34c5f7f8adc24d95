import type { AttemptRecord, Timings } from "../core/records.ts"
import { floats, ints, texts } from "./arrays.ts"
import type { Queryable } from "./pool.ts"
import { OPEN } from "./stages.ts"

/** Someone asked for another attempt while this one was under way: what they were told is due stays due. */
const ASKED_FOR = "d.trigger = 'manual' and r.trigger is distinct from 'manual'"

/**
 * A result is a fact even when the lease was lost meanwhile, but a retry that is known already, and anything about a
 * delivery that is finished, changes nothing. The last attempt becomes part of its delivery's row; one that is followed
 * by another gets a row of its own.
 *
 * `any(array[…])` says `=` in a form that cannot be merged in order, or an index could be walked whole (docs/adr/0006).
 */
const RECORD = `
with result as materialized (
  select * from unnest($1::text[], $2::text[], $3::int[], $4::float8[], $5::int[], $6::text[], $7::text[], $8::int[],
    $9::text[], $10::text[], $11::float8[], $12::text[], $13::text[], $14::text[])
    as t (endpoint_id, delivery_id, number, started_at_ms, duration_ms, outcome, verdict, status, error, response,
      retry_in_ms, trigger, remote_address, timings)
), finished as (
  update deliveries d set stage = r.verdict, attempts = greatest(d.attempts + 1, r.number), due_at = null,
    finished_at = now(), started_at = to_timestamp(r.started_at_ms / 1000), duration_ms = r.duration_ms,
    outcome = r.outcome, status = r.status, error = r.error, response = r.response, trigger = r.trigger,
    remote_address = r.remote_address, timings = r.timings::int[]
  from result r
  where r.verdict <> 'retry' and d.${OPEN} and d.endpoint_id = any(array[r.endpoint_id]) and d.id = r.delivery_id
), retried as (
  update deliveries d set stage = 'retry', attempts = r.number, trigger = case when ${ASKED_FOR} then d.trigger end,
    due_at = case when ${ASKED_FOR} then d.due_at else now() + r.retry_in_ms * interval '1 ms' end
  from result r
  where r.verdict = 'retry' and d.${OPEN} and d.endpoint_id = any(array[r.endpoint_id]) and d.id = r.delivery_id
    and d.attempts < r.number
  returning d.customer_id, d.id, d.due_at, r.*
)
insert into attempts (customer_id, delivery_id, number, started_at, duration_ms, outcome, verdict, status, error,
  response, next_attempt_at, trigger, remote_address, timings)
select customer_id, id, number, to_timestamp(started_at_ms / 1000), duration_ms, outcome, verdict, status, error,
  response, due_at, trigger, remote_address, timings::int[]
from retried
on conflict do nothing`

/** Writes attempts and moves their deliveries on, all in one statement. */
export async function recordResults(pool: Queryable, results: AttemptRecord[]): Promise<void> {
  const values = [
    texts(results.map((r) => r.endpointId)),
    texts(results.map((r) => r.deliveryId)),
    ints(results.map((r) => r.number)),
    floats(results.map((r) => r.startedAtMs)),
    ints(results.map((r) => r.durationMs)),
    texts(results.map((r) => r.outcome)),
    texts(results.map((r) => r.verdict)),
    ints(results.map((r) => r.status)),
    texts(results.map((r) => r.error)),
    texts(results.map((r) => r.response)),
    floats(results.map((r) => r.retryInMs)),
    texts(results.map((r) => r.trigger)),
    texts(results.map((r) => r.remoteAddress)),
    texts(results.map((r) => timingsLiteral(r.timings))),
  ]
  await pool.query({ name: "record", text: RECORD, values })
}

/** The literal of an `int[]`; an array of arrays would come out of `unnest` as one. */
function timingsLiteral({ dns, connect, tls, firstByte }: Timings): string {
  return `{${dns},${connect},${tls},${firstByte}}`
}
