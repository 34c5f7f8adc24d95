import type { Queryable } from "./pool.ts"
import { FINISHED, OPEN } from "./stages.ts"

const ENDPOINTS = "select id from endpoints where customer_id = $1"
const DELIVERIES = [`${OPEN} and endpoint_id in (${ENDPOINTS})`, `${FINISHED} and customer_id = $1`]

/** What has no foreign key to the customer, deepest first: what follows leads to what comes before. */
const DATA = [
  ...DELIVERIES.map(
    (mine) =>
      `delete from attempts where delivery_id in (select id from deliveries where ${mine}) and customer_id = $1`,
  ),
  ...DELIVERIES.map((mine) => `delete from deliveries where ${mine}`),
  `delete from drains where endpoint_id in (${ENDPOINTS})`,
  "delete from events where customer_id = $1",
  "delete from contact_aliases where customer_id = $1",
  "delete from contacts where customer_id = $1",
  "delete from idempotency_keys where customer_id = $1",
]

export async function removeCustomerData(connection: Queryable, customerId: string): Promise<void> {
  for (const text of DATA) await connection.query(text, [customerId])
}

/** Long after the last gateway has heard of it: a look by key each hour costs next to nothing. */
const REMEMBERED = "1 day"

/**
 * What came in for customers while they were being removed. Their open deliveries have lost their endpoints, so they must
 * have been canceled before.
 *
 * @param pool one that looks up by key only: what is left is little, beside tables that are large
 */
export async function removeLeftovers(pool: Queryable): Promise<void> {
  const { rows } = await pool.query<{ id: string }>("select id from removed_customers")
  for (const { id } of rows) await removeCustomerData(pool, id)
  await pool.query(`delete from removed_customers where removed_at < now() - interval '${REMEMBERED}'`)
}
