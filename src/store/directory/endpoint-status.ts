import type { StatusChange } from "../../core/api/stores/endpoints.ts"
import type { Queryable } from "../connection/pool.ts"
import { OPEN } from "../deliveries/stages.ts"
import { type EndpointRow, SHOWN } from "./endpoint-rows.ts"

const ACTIVATE = `
update endpoints set status = 'active', disabled_reason = null, enabled_at = now(), updated_at = now()
where customer_id = $1 and id = $2 and status <> 'active' returning id`

const DEACTIVATE = `
update endpoints set status = $3, disabled_reason = $4, updated_at = now()
where customer_id = $1 and id = $2 returning ${SHOWN}`

/** To be run in a transaction. Activating an endpoint also resets its health. */
export async function changeStatus(
  connection: Queryable,
  customerId: string,
  id: string,
  change: StatusChange,
): Promise<EndpointRow | null> {
  if (change.status !== "active") {
    const reason = change.status === "disabled" ? change.reason : null
    const { rows } = await connection.query<EndpointRow>(DEACTIVATE, [customerId, id, change.status, reason])
    return rows[0] ?? null
  }
  const { rows: activated } = await connection.query(ACTIVATE, [customerId, id])
  if (activated.length > 0) {
    await connection.query("delete from endpoint_health where endpoint_id = $1", [id])
    if (change.recover === "none") await cancelDeliveries(connection, customerId, id, "not_recovered")
  }
  const text = `select ${SHOWN} from endpoints where customer_id = $1 and id = $2`
  const { rows } = await connection.query<EndpointRow>(text, [customerId, id])
  return rows[0] ?? null
}

/**
 * Cancels the endpoint's open deliveries. To be run in a long transaction, for there may be a hundred thousand.
 *
 * @param reason shown by the API as `canceled_reason`
 */
export async function cancelDeliveries(
  connection: Queryable,
  customerId: string,
  endpointId: string,
  reason: "not_recovered" | "endpoint_deleted",
): Promise<void> {
  await connection.query(
    `update deliveries set stage = 'canceled', error = $3, due_at = null, finished_at = now()
     where ${OPEN} and endpoint_id = $2 and customer_id = $1`,
    [customerId, endpointId, reason],
  )
}
