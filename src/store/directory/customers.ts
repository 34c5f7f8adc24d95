import type { CustomerRecord, CustomersStore } from "../../core/api/stores/customers.ts"
import type { Pool } from "../connection/pool.ts"
import { iso, toPage } from "../connection/rows.ts"
import { removeCustomerData, removeEndpoints } from "./customer-data.ts"
import { disconnect, eraseFaultsOf } from "./customer-faults.ts"

interface Row {
  id: string
  name: string
  limits: CustomerRecord["limits"]
  created_at: Date
}

const REMOVE = `
with gone as (delete from customers where id = $1 returning id)
insert into removed_customers (id) select id from gone returning id`

export function createCustomersStore(pool: Pool): CustomersStore {
  return {
    async create(customer) {
      const text = "insert into customers (id, name) values ($1, $2) returning *"
      const { rows } = await pool.query<Row>(text, [customer.id, customer.name])
      return present(rows[0] as Row)
    },

    async get(id) {
      const { rows } = await pool.query<Row>("select * from customers where id = $1", [id])
      return rows[0] ? present(rows[0]) : null
    },

    async list(page) {
      const { rows } = await pool.query<Row>(
        "select * from customers where $1::text is null or id < $1 order by id desc limit $2",
        [page.after, page.limit + 1],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async update(id, patch) {
      const text = `update customers set name = coalesce($2, name), limits = jsonb_strip_nulls(limits || $3::jsonb)
        where id = $1 returning *`
      const { rows } = await pool.query<Row>(text, [id, patch.name ?? null, JSON.stringify(patch.limits ?? {})])
      return rows[0] ? present(rows[0]) : null
    },

    async remove(id) {
      // A separate statement, so that gateways are notified at once and route nothing more to the customer.
      await disconnect(pool, id)
      // A separate transaction: results wait for deliveries that are being removed, and so do other customers' results.
      await pool.longTransaction((connection) => removeEndpoints(connection, id))
      // Months of events take longer than a statement's usual deadline.
      const removed = await pool.longTransaction(async (connection) => {
        await removeCustomerData(connection, id)
        return (await connection.query(REMOVE, [id])).rows.length > 0
      })
      await eraseFaultsOf(pool, id)
      return removed
    },
  }
}

function present(row: Row): CustomerRecord {
  return { id: row.id, name: row.name, limits: row.limits, created_at: iso(row.created_at) }
}
