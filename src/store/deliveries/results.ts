import type { AttemptRecord, Timings } from "../../core/delivery/delivery.ts"
import { floats, ints, texts } from "../connection/arrays.ts"
import type { Queryable } from "../connection/pool.ts"
import { OPEN } from "./stages.ts"

/** A manual retry was requested during this attempt: unless the attempt succeeds, the delivery stays due. */
const RETRY_REQUESTED = "d.trigger = 'manual' and r.trigger is distinct from 'manual'"

/** The stage of a delivery after a failed attempt. */
const STAGE = `case when ${RETRY_REQUESTED} then 'retry' else r.verdict end`

const FOUND = `d.${OPEN} and d.endpoint_id = any(array[r.endpoint_id]) and d.id = r.delivery_id`

const LAST = "finished_at, started_at, duration_ms, outcome, status, error, response, remote_address, timings"
const LAST_VALUES = `now(), to_timestamp(r.started_at_ms / 1000), r.duration_ms, r.outcome, r.status, r.error, r.response,
  r.remote_address, r.timings::int[]`

/**
 * A result counts even if the lease was lost meanwhile. A failure that is already recorded changes nothing, nor does
 * any result of a finished delivery. The last attempt is stored in its delivery's row; an attempt that is followed by
 * another gets its own row. An exhausted delivery with a requested retry leaves its conversation.
 *
 * The consequence of a failure is decided in the update itself: if it waits for the row, it sees a retry requested
 * meanwhile.
 *
 * `any(array[…])` is `=` in a form that rules out a merge join, which could scan a whole index (docs/adr/0006).
 */
const RECORD = `
with result as materialized (
  select * from unnest($1::text[], $2::text[], $3::int[], $4::float8[], $5::int[], $6::text[], $7::text[], $8::int[],
    $9::text[], $10::text[], $11::float8[], $12::text[], $13::text[], $14::text[])
    as t (endpoint_id, delivery_id, number, started_at_ms, duration_ms, outcome, verdict, status, error, response,
      retry_in_ms, trigger, remote_address, timings)
), delivered as (
  update deliveries d set stage = 'delivered', attempts = greatest(d.attempts + 1, r.number), due_at = null,
    trigger = r.trigger, (${LAST}) = row(${LAST_VALUES})
  from result r
  where r.verdict = 'delivered' and ${FOUND}
), failed as (
  update deliveries d set stage = ${STAGE}, attempts = greatest(d.attempts + 1, r.number),
    due_at = case when ${RETRY_REQUESTED} then d.due_at else now() + r.retry_in_ms * interval '1 ms' end,
    trigger = case when ${RETRY_REQUESTED} then d.trigger when r.verdict = 'exhausted' then r.trigger end,
    conversation_id = case when ${STAGE} = r.verdict then d.conversation_id end,
    (${LAST}) = (select ${LAST_VALUES} where ${STAGE} = 'exhausted')
  from result r
  where r.verdict <> 'delivered' and ${FOUND} and (d.attempts < r.number or ${STAGE} = 'exhausted')
  returning d.customer_id, d.id, d.stage, d.due_at, r.*
)
insert into attempts (customer_id, delivery_id, number, started_at, duration_ms, outcome, verdict, status, error,
  response, next_attempt_at, trigger, remote_address, timings)
select customer_id, id, number, to_timestamp(started_at_ms / 1000), duration_ms, outcome, verdict, status, error,
  response, due_at, trigger, remote_address, timings::int[]
from failed where stage = 'retry'
on conflict do nothing`

/** Stores attempts and updates their deliveries, in one statement. */
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

/** An `int[]` as a literal, since `unnest` would flatten an array of arrays. */
function timingsLiteral({ dns, connect, tls, firstByte }: Timings): string {
  return `{${dns},${connect},${tls},${firstByte}}`
}
