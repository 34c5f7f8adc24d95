import type { PageRequest } from "../core/resources/common.ts"
import type { Customer, CustomerPatch } from "../core/resources/customer.ts"
import type { Pool } from "./pool.ts"
import { iso, toPage } from "./rows.ts"
import { FINISHED, OPEN } from "./stages.ts"

interface Row {
  id: string
  name: string
  created_at: Date
}

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

export function createCustomersStore(pool: Pool) {
  return {
    async create(customer: { id: string; name: string }): Promise<Customer> {
      const text = "insert into customers (id, name) values ($1, $2) returning *"
      const { rows } = await pool.query<Row>(text, [customer.id, customer.name])
      return present(rows[0] as Row)
    },

    async get(id: string): Promise<Customer | null> {
      const { rows } = await pool.query<Row>("select * from customers where id = $1", [id])
      return rows[0] ? present(rows[0]) : null
    },

    /** Newest first. */
    async list(page: PageRequest) {
      const { rows } = await pool.query<Row>(
        "select * from customers where $1::text is null or id < $1 order by id desc limit $2",
        [page.after, page.limit + 1],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async update(id: string, patch: CustomerPatch): Promise<Customer | null> {
      const text = "update customers set name = coalesce($2, name) where id = $1 returning *"
      const { rows } = await pool.query<Row>(text, [id, patch.name ?? null])
      return rows[0] ? present(rows[0]) : null
    },

    /** With everything the customer has; false where there is no such customer. */
    async remove(id: string): Promise<boolean> {
      // Months of events take longer than any other statement may.
      return pool.longTransaction(async (connection) => {
        for (const text of DATA) await connection.query(text, [id])
        const { rows } = await connection.query("delete from customers where id = $1 returning id", [id])
        return rows.length > 0
      })
    },
  }
}

function present(row: Row): Customer {
  return { id: row.id, name: row.name, created_at: iso(row.created_at) }
}
