import type { AppOwner, AppRecord, AppsStore } from "../../core/api/stores/apps.ts"
import type { Queryable } from "../connection/pool.ts"
import { assignments, iso, toPage } from "../connection/rows.ts"
import type { Vault } from "./vault.ts"

interface Row {
  id: string
  name: string
  meta_app_id: string | null
  secrets: string[]
  created_at: Date
}

const SHOWN = "id, name, meta_app_id, secrets, created_at"
const OWNED = "customer_id is not distinct from $1"

/** Each secret and the verify token are encrypted separately, bound to the app's row. */
export function createAppsStore(pool: Queryable, vault: Vault): AppsStore {
  const encrypt = (id: string, plain: string) => vault.encrypt(plain, appAad(id))
  const first = ({ rows }: { rows: Row[] }) => (rows[0] ? present(rows[0]) : null)

  async function get(owner: AppOwner, id: string): Promise<AppRecord | null> {
    return first(await pool.query<Row>(`select ${SHOWN} from apps where ${OWNED} and id = $2`, [owner, id]))
  }

  return {
    get,

    async create(app, max) {
      return first(
        await pool.query<Row>(
          `insert into apps (id, customer_id, name, meta_app_id, secrets, verify_token)
           select $2, $1, $3, $4, $5::text[], $6 where (select count(*) from apps where ${OWNED}) < $7::int
           returning ${SHOWN}`,
          [
            app.owner,
            app.id,
            app.name,
            app.meta_app_id,
            app.secrets.map((secret) => encrypt(app.id, secret)),
            encrypt(app.id, app.verify_token),
            max,
          ],
        ),
      )
    },

    async list(owner, page) {
      const { rows } = await pool.query<Row>(
        `select ${SHOWN} from apps where ${OWNED} and ($2::text is null or id < $2) order by id desc limit $3`,
        [owner, page.after, page.limit + 1],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async update(owner, id, patch) {
      const set = assignments(
        {
          name: patch.name,
          meta_app_id: patch.meta_app_id,
          secrets: patch.secrets?.map((secret) => encrypt(id, secret)),
          verify_token: patch.verify_token && encrypt(id, patch.verify_token),
        },
        3,
      )
      if (!set) return get(owner, id)
      const text = `update apps set ${set.text} where ${OWNED} and id = $2 returning ${SHOWN}`
      return first(await pool.query<Row>(text, [owner, id, ...set.values]))
    },

    async remove(owner, id) {
      const { rows } = await pool.query<{ used: boolean; gone: string | null }>(
        `with app as (
           select id, exists (select from connections c where c.app_id = apps.id) as used from apps where ${OWNED} and id = $2
         ), gone as (delete from apps where id in (select id from app where not used) returning id)
         select app.used, gone.id as gone from app left join gone on true`,
        [owner, id],
      )
      const [row] = rows
      if (!row) return null
      return row.used ? "in_use" : "removed"
    },

    async ownerOf(customerId, id) {
      const { rows } = await pool.query<{ own: boolean }>(
        "select customer_id is not null as own from apps where id = $2 and (customer_id is null or customer_id = $1)",
        [customerId, id],
      )
      if (!rows[0]) return null
      return rows[0].own ? "customer" : "operator"
    },
  }
}

/** The additional authenticated data of an app's secrets. */
export function appAad(id: string): string {
  return `apps:${id}`
}

function present(row: Row): AppRecord {
  return {
    id: row.id,
    name: row.name,
    meta_app_id: row.meta_app_id,
    secrets: row.secrets.length,
    created_at: iso(row.created_at),
  }
}
