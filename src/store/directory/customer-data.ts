import { tryEach } from "../../scheduling/try-each.ts"
import type { Queryable } from "../connection/pool.ts"
import { FINISHED, OPEN } from "../deliveries/stages.ts"

const WAITING = `${OPEN} and endpoint_id in (select id from endpoints where customer_id = $1)`
const ENDED = `${FINISHED} and customer_id = $1`

const attemptsOf = (deliveries: string) =>
  `delete from attempts where delivery_id in (select id from deliveries where ${deliveries}) and customer_id = $1`

/** The tables that dispatchers write to, dependent rows first. */
const ENDPOINTS = [
  attemptsOf(WAITING),
  `delete from deliveries where ${WAITING}`,
  "delete from drains where endpoint_id in (select id from endpoints where customer_id = $1)",
  "delete from endpoints where customer_id = $1",
]

/** The other tables without a foreign key to the customer. Dependent rows first: later rows lead to earlier ones. */
const DATA = [
  attemptsOf(ENDED),
  `delete from deliveries where ${ENDED}`,
  "delete from events where customer_id = $1",
  "delete from contact_aliases where customer_id = $1",
  "delete from contacts where customer_id = $1",
  "delete from idempotency_keys where customer_id = $1",
]

export const removeEndpoints = (connection: Queryable, customerId: string) => run(connection, ENDPOINTS, customerId)
export const removeCustomerData = (connection: Queryable, customerId: string) => run(connection, DATA, customerId)

async function run(connection: Queryable, statements: readonly string[], customerId: string): Promise<void> {
  for (const text of statements) await connection.query(text, [customerId])
}

/** Long after every gateway has noticed the removal; a lookup by key each hour costs almost nothing. */
const REMEMBERED = "1 day"

/**
 * Removes what arrived for customers while they were being removed. Their open deliveries no longer have an endpoint,
 * so the caller has canceled them.
 *
 * @param pool one that looks up by key only: few rows are left, in large tables
 */
export async function removeLeftovers(pool: Queryable): Promise<void> {
  const { rows } = await pool.query<{ id: string }>("select id from removed_customers")
  await tryEach(rows, ({ id }) => removeCustomerData(pool, id))
  await pool.query(`delete from removed_customers where removed_at < now() - interval '${REMEMBERED}'`)
}
