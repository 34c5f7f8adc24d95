import type { Connection } from "../../core/api/resources/connection.ts"
import type { ConnectionsStore } from "../../core/api/stores/connections.ts"
import { UNIQUE_VIOLATION } from "../../core/errors/sqlstate.ts"
import type { Platform } from "../../core/event/event.ts"
import type { Queryable } from "../connection/pool.ts"
import { assignments, iso, toPage } from "../connection/rows.ts"
import type { Vault } from "./vault.ts"

interface Row {
  id: string
  customer_id: string
  app_id: string
  platform: Platform
  page_id: string
  waba_id: string | null
  name: string
  access_token: string | null
  status: "pending" | "active"
  created_at: Date
}

export function createConnectionsStore(pool: Queryable, vault: Vault): ConnectionsStore {
  const encrypted = (id: string, token: string | null) =>
    token === null ? null : vault.encrypt(token, `connections:${id}`)
  const first = ({ rows }: { rows: Row[] }) => (rows[0] ? present(rows[0]) : null)

  async function get(customerId: string, id: string): Promise<Connection | null> {
    const text = "select * from connections where customer_id = $1 and id = $2"
    return first(await pool.query<Row>(text, [customerId, id]))
  }

  return {
    get,

    async create(given, max) {
      const { rows } = await pool.query<Row & { full: boolean }>(
        `with room as (select count(*) < $10::int as free from connections where customer_id = $2), made as (
           insert into connections (id, customer_id, app_id, platform, page_id, waba_id, name, access_token, status)
           select $1, $2, $3, $4, $5, $6, $7, $8, $9 from room where free
           on conflict do nothing
           returning *
         )
         select made.*, not room.free as full from room left join made on true`,
        [
          given.id,
          given.customer_id,
          given.app_id,
          given.platform,
          given.page_id,
          given.waba_id,
          given.name,
          encrypted(given.id, given.access_token),
          given.status,
          max,
        ],
      )
      const [row] = rows
      if (row?.full) return "full"
      return row?.id ? present(row) : "taken"
    },

    async list(customerId, filter, page) {
      const { rows } = await pool.query<Row>(
        `select * from connections where ($1::text is null or customer_id = $1) and ($2::text is null or id < $2)
           and ($3::text is null or platform = $3) and ($4::text is null or page_id = $4)
           and ($5::text is null or status = $5)
         order by id desc limit $6`,
        [
          customerId,
          page.after,
          filter.platform ?? null,
          filter.page_id ?? null,
          filter.status ?? null,
          page.limit + 1,
        ],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async update(customerId, id, patch) {
      const { name, waba_id, access_token: token } = patch
      const set = assignments(
        { name, waba_id, access_token: token === undefined ? undefined : encrypted(id, token) },
        3,
      )
      if (!set) return get(customerId, id)
      const text = `update connections set ${set.text} where customer_id = $1 and id = $2 returning *`
      return first(await pool.query<Row>(text, [customerId, id, ...set.values]))
    },

    async activate(customerId, id) {
      const text = `update connections set status = 'active' where id = $2 and ($1::text is null or customer_id = $1)
        returning *`
      try {
        return first(await pool.query<Row>(text, [customerId, id]))
      } catch (error) {
        if ((error as { code?: string }).code === UNIQUE_VIOLATION) return "taken"
        throw error
      }
    },

    async remove(customerId, id) {
      const text = "delete from connections where customer_id = $1 and id = $2 returning id"
      return (await pool.query(text, [customerId, id])).rows.length > 0
    },
  }
}

function present({ access_token, created_at, ...row }: Row): Connection {
  return {
    id: row.id,
    customer_id: row.customer_id,
    app_id: row.app_id,
    platform: row.platform,
    page_id: row.page_id,
    waba_id: row.waba_id,
    name: row.name,
    status: row.status,
    has_access_token: access_token !== null,
    created_at: iso(created_at),
  }
}
