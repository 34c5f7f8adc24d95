import type { Claim, ClaimRequest, HoldRequest } from "../../core/delivery/claim.ts"
import type { Delivery } from "../../core/delivery/delivery.ts"
import { floats, ints, texts } from "../connection/arrays.ts"
import type { Queryable } from "../connection/pool.ts"
import { CLAIM } from "./claim.ts"

const RENEW = `
update drains set expires_at = now() + make_interval(secs => $3)
where endpoint_id = any($1::text[]) and holder = $2 returning endpoint_id`

const HOLD = `
update drains d set held_until = now() + h.for_ms * interval '1 ms', held_revision_ms = h.revision_ms
from unnest($1::text[], $3::float8[], $4::float8[]) as h (endpoint_id, for_ms, revision_ms)
where d.endpoint_id = h.endpoint_id and d.holder = $2`

/**
 * A lease is released by setting its expiry to the past, which changes no index. A fresh delivery of a conversation may
 * have to wait for a failed one, so it does not make the endpoint due; the endpoint is woken when one arrives.
 */
const RELEASE = `
with released as (
  update drains d set expires_at = '-infinity',
    held_until = case when h.for_ms > 0 then now() + h.for_ms * interval '1 ms' end, held_revision_ms = h.revision_ms
  from unnest($1::text[], $3::float8[], $4::float8[]) as h (endpoint_id, for_ms, revision_ms)
  where d.endpoint_id = h.endpoint_id and d.holder = $2
)
select w.endpoint_id, coalesce(
  (
    select 0 from (
      select conversation_id from deliveries_fresh where endpoint_id = w.endpoint_id order by id limit 1
    ) first where conversation_id is null
  ),
  (select 0 from deliveries_replay where endpoint_id = w.endpoint_id limit 1),
  (
    select date_part('epoch', due_at - now()) * 1000 from deliveries_retry
    where left(endpoint_id, 64) = w.endpoint_id order by due_at limit 1
  )
) as next_due_in_ms
from unnest($1::text[]) as w (endpoint_id)`

interface ClaimRow {
  endpoint_id: string
  holder: string
  held_for_ms: number | null
  held_revision_ms: number | null
  latest: string | null
  id: string | null
  customer_id: string
  event_id: string
  attempts: number
  created_at_ms: number
  body: string | null
  compact_length: number
  raw: string | null
  conversation_id: string | null
  trigger: string | null
  big_bytes: number | null
  big_day: string | null
}

/**
 * The leases of one dispatcher.
 *
 * @param holder the dispatcher's name, as it is now
 * @param leaseSeconds longer than any request may take
 */
export function createDrainsStore(pool: Queryable, holder: () => string, leaseSeconds: number) {
  return {
    async claim(requests: ClaimRequest[]): Promise<Claim[]> {
      const asHolder = holder()
      const values = [
        texts(requests.map((request) => request.endpointId)),
        ints(requests.map((request) => request.limit)),
        asHolder,
        leaseSeconds,
        texts(requests.flatMap((request) => request.held)),
        ints(requests.map((request) => request.replays)),
        texts(requests.map((request) => request.after)),
        ints(requests.map((request) => Number(request.ordered))),
        texts(requests.flatMap((request) => request.conversations.map(() => request.endpointId))),
        texts(requests.flatMap((request) => request.conversations)),
      ]
      const { rows } = await pool.query<ClaimRow>({ name: "claim", text: CLAIM, values })
      const claims = new Map<string, Claim>()
      for (const row of rows) {
        const claim = claims.get(row.endpoint_id) ?? {
          holder: row.holder,
          deliveries: [],
          latest: row.latest,
          hold: toHold(row),
        }
        claims.set(row.endpoint_id, claim)
        if (row.id !== null) claim.deliveries.push(toDelivery(row, row.id))
      }
      return requests.map(
        ({ endpointId }) => claims.get(endpointId) ?? { holder: asHolder, deliveries: [], latest: null, hold: null },
      )
    },

    /** @returns the endpoints whose lease this dispatcher still holds */
    async renew(endpointIds: string[]): Promise<Set<string>> {
      const values = [texts(endpointIds), holder(), leaseSeconds]
      const { rows } = await pool.query<{ endpoint_id: string }>({ name: "renew", text: RENEW, values })
      return new Set(rows.map((row) => row.endpoint_id))
    },

    /** @returns for each endpoint, in how many milliseconds its next delivery is due; null if it has none */
    async release(requests: HoldRequest[]): Promise<(number | null)[]> {
      const values = holdValues(requests, holder())
      const { rows } = await pool.query<{ endpoint_id: string; next_due_in_ms: number | null }>({
        name: "release",
        text: RELEASE,
        values,
      })
      const nextDue = new Map(rows.map((row) => [row.endpoint_id, row.next_due_in_ms]))
      return requests.map(({ endpointId }) => nextDue.get(endpointId) ?? null)
    },

    /** Stored at once, so that another dispatcher respects the hold if this one crashes. */
    async hold(requests: HoldRequest[]): Promise<undefined[]> {
      await pool.query({ name: "hold", text: HOLD, values: holdValues(requests, holder()) })
      return []
    },
  }
}

function holdValues(requests: HoldRequest[], holder: string) {
  return [
    texts(requests.map(({ endpointId }) => endpointId)),
    holder,
    floats(requests.map(({ forMs }) => forMs)),
    floats(requests.map(({ revisionMs }) => revisionMs)),
  ]
}

function toHold({ held_for_ms: forMs, held_revision_ms: revisionMs }: ClaimRow): Claim["hold"] {
  return forMs !== null && revisionMs !== null && forMs > 0 ? { forMs, revisionMs } : null
}

function toDelivery(row: ClaimRow, id: string): Delivery {
  return {
    id,
    customerId: row.customer_id,
    eventId: row.event_id,
    attempts: row.attempts,
    createdAtMs: row.created_at_ms,
    body: row.body ?? "",
    compactLength: row.compact_length,
    raw: row.raw,
    big: row.big_bytes !== null && row.big_day !== null ? { bytes: row.big_bytes, day: row.big_day } : null,
    conversationId: row.conversation_id,
    trigger: row.trigger,
  }
}
