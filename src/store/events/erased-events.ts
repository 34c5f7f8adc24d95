import type { Pool } from "../connection/pool.ts"

const CHANNEL = "onehook_erased_events"
/** The payload of a NOTIFY holds less than 8,000 bytes, and an event's id has 30. */
const IDS_PER_PAYLOAD = 200

/**
 * The end of a statement that notifies dispatchers of events that were removed or have lost their content, on commit.
 *
 * @param source a relation with the columns customer_id and id
 */
export const notifyErased = (source: string) => `
select pg_notify('${CHANNEL}', customer_id || ' ' || string_agg(id, ',')) from (
  select customer_id, id, (row_number() over (partition by customer_id) - 1) / ${IDS_PER_PAYLOAD} as part from ${source}
) parts group by customer_id, part`

type IsErased = (delivery: { customerId: string; eventId: string }) => boolean

/** Calls `onErased` after events were erased, and for all events after a reconnect, since notifications may be lost. */
export function listenForErased(pool: Pick<Pool, "listen">, onErased: (isErased: IsErased) => void) {
  const onPayload = (payload: string) => {
    const [customer, ids = ""] = payload.split(" ")
    const erased = new Set(ids.split(","))
    onErased(({ customerId, eventId }) => customerId === customer && erased.has(eventId))
  }
  return pool.listen(CHANNEL, onPayload, () => onErased(() => true))
}
