import type { ApiKey, Scope } from "../../core/api/resources/api-key.ts"
import type { ApiKeysStore } from "../../core/api/stores/api-keys.ts"
import type { Queryable } from "../connection/pool.ts"
import { iso, isoOrNull, toPage } from "../connection/rows.ts"

interface Row {
  id: string
  customer_id: string
  name: string
  public_id: string
  scopes: Scope[]
  created_at: Date
  expires_at: Date | null
  revoked_at: Date | null
  last_used_at: Date | null
}

const SHOWN = "id, customer_id, name, public_id, scopes, created_at, expires_at, revoked_at, last_used_at"

const LIVE = "revoked_at is null and (expires_at is null or expires_at > $1)"

export function createApiKeysStore(pool: Queryable): ApiKeysStore {
  return {
    async create(key, max) {
      const { rows } = await pool.query<Row>(
        `insert into api_keys (id, customer_id, name, public_id, hash, scopes, expires_at)
         select $1, $2, $3, $4, $5::bytea, $6::text[], $7::timestamptz
         where (select count(*) from api_keys where customer_id = $2 and revoked_at is null
           and (expires_at is null or expires_at > now())) < $8::int
         returning ${SHOWN}`,
        [key.id, key.customerId, key.name, key.publicId, key.hash, key.scopes, key.expiresAt, max],
      )
      return rows[0] ? present(rows[0]) : null
    },

    async get(customerId, id) {
      const text = `select ${SHOWN} from api_keys where customer_id = $1 and id = $2`
      const { rows } = await pool.query<Row>(text, [customerId, id])
      return rows[0] ? present(rows[0]) : null
    },

    async rotate(customerId, oldId, key, max) {
      const { rows } = await pool.query<Row & { live: boolean }>(
        `with old as (
           select * from api_keys where ${LIVE} and customer_id = $2 and id = $3 for update
         ), made as (
           insert into api_keys (id, customer_id, name, public_id, hash, scopes, expires_at)
           select $4, customer_id, name, $5, $6::bytea, scopes, expires_at from old
           where (select count(*) from api_keys where ${LIVE} and customer_id = $2 and id <> $3) < $8::int
           returning ${SHOWN}
         ), ended as (
           update api_keys set expires_at = least(expires_at, $7::timestamptz) where id = $3 and exists (select from made)
         )
         select exists (select from old) as live, made.* from (select) one left join made on true`,
        [new Date(key.nowMs), customerId, oldId, key.id, key.publicId, key.hash, key.oldEndsAt, max],
      )
      const [row] = rows
      if (!row?.live) return "ended"
      return row.id === null ? "full" : present(row)
    },

    async list(customerId, page) {
      const { rows } = await pool.query<Row>(
        `select ${SHOWN} from api_keys where customer_id = $1 and ($2::text is null or id < $2)
         order by id desc limit $3`,
        [customerId, page.after, page.limit + 1],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async revoke(customerId, id) {
      const { rows } = await pool.query<Row>(
        `update api_keys set revoked_at = coalesce(revoked_at, now()) where customer_id = $1 and id = $2
         returning ${SHOWN}`,
        [customerId, id],
      )
      return rows[0] ? present(rows[0]) : null
    },

    async find(publicId) {
      const { rows } = await pool.query<Row & { hash: Uint8Array }>(
        `select ${SHOWN}, hash from api_keys where public_id = $1`,
        [publicId],
      )
      const [row] = rows
      if (!row) return null
      return {
        id: row.id,
        name: row.name,
        customerId: row.customer_id,
        hash: row.hash,
        scopes: row.scopes,
        expiresAtMs: row.expires_at ? new Date(row.expires_at).getTime() : null,
        revoked: row.revoked_at !== null,
      }
    },

    async touch(id, atMs) {
      await pool.query("update api_keys set last_used_at = greatest(last_used_at, to_timestamp($2)) where id = $1", [
        id,
        atMs / 1000,
      ])
    },
  }
}

function present(row: Row): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: `ohk_${row.public_id}`,
    scopes: row.scopes,
    created_at: iso(row.created_at),
    expires_at: isoOrNull(row.expires_at),
    last_used_at: isoOrNull(row.last_used_at),
    revoked_at: isoOrNull(row.revoked_at),
  }
}
