import type { AuditEntry } from "../../core/api/resources/audit-entry.ts"
import type { AuditStore } from "../../core/api/stores/audit.ts"
import type { Queryable } from "../connection/pool.ts"
import { iso, toPage } from "../connection/rows.ts"

type Row = Omit<AuditEntry, "at"> & { at: Date }

const SHOWN = "id, at, actor, key_id, key_name, address, operation, object_id, created_id, fields, customer_id, outcome"

export function createAuditStore(pool: Queryable): AuditStore {
  return {
    async begin(change) {
      await pool.query(
        `insert into audit_log (id, at, customer_id, actor, key_id, key_name, address, operation, object_id, fields)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text[])`,
        [
          change.id,
          new Date(change.atMs),
          change.customer_id,
          change.actor,
          change.key_id,
          change.key_name,
          change.address,
          change.operation,
          change.object_id,
          change.fields,
        ],
      )
    },

    async finish(id, { createdId, customerId }) {
      await pool.query(
        `update audit_log set outcome = 'done', created_id = $2, customer_id = coalesce(customer_id, $3) where id = $1`,
        [id, createdId, customerId],
      )
    },

    async drop(id) {
      await pool.query("delete from audit_log where id = $1", [id])
    },

    async list(customerId, filter, page) {
      const { rows } = await pool.query<Row>(
        `select ${SHOWN} from audit_log where ($1::text is null or customer_id = $1) and ($2::text is null or id < $2)
           and ($3::text is null or operation = $3) and ($4::text is null or object_id = $4 or created_id = $4)
           and ($5::text is null or key_id = $5) and ($6::timestamptz is null or at >= $6)
           and ($7::timestamptz is null or at < $7)
         order by id desc limit $8`,
        [
          customerId,
          page.after,
          filter.operation ?? null,
          filter.object_id ?? null,
          filter.key_id ?? null,
          filter.after ?? null,
          filter.before ?? null,
          page.limit + 1,
        ],
      )
      return toPage(
        rows,
        page,
        (row) => row.id,
        (row) => ({ ...row, at: iso(row.at) }),
      )
    },
  }
}
