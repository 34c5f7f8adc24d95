import type { Pool } from "../connection/pool.ts"

const CHANNEL = "onehook_erased_events"
/** A payload holds less than 8,000 bytes, an id of an event is 30. */
const IDS_AT_ONCE = 200

/**
 * Tells the dispatchers which events are gone or have lost their content, once it is durable.
 *
 * @param source of the columns customer_id and id
 */
export const notifyErased = (source: string) => `
select pg_notify('${CHANNEL}', customer_id || ' ' || string_agg(id, ',')) from (
  select customer_id, id, (row_number() over (partition by customer_id) - 1) / ${IDS_AT_ONCE} as part from ${source}
) parts group by customer_id, part`

type IsErased = (delivery: { customerId: string; eventId: string }) => boolean

/** `onErased` whenever events were erased, and after a lost connection, when any may have been. */
export function listenForErased(pool: Pick<Pool, "listen">, onErased: (isErased: IsErased) => void) {
  const onPayload = (payload: string) => {
    const [customer, ids = ""] = payload.split(" ")
    const erased = new Set(ids.split(","))
    onErased(({ customerId, eventId }) => customerId === customer && erased.has(eventId))
  }
  return pool.listen(CHANNEL, onPayload, () => onErased(() => true))
}
