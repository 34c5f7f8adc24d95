import type { IdempotencyClaim, IdempotencyStore } from "../../core/api/stores/idempotency.ts"
import type { Queryable } from "../connection/pool.ts"
import type { Vault } from "./vault.ts"

/** A key may be used again after this many days. */
export const KEY_DAYS = 1
/** A request still marked as running after this time is treated as lost with its process. */
const ABANDONED_S = 60

const UNANSWERED = "customer_id = $1 and key = $2 and fingerprint = $3 and status is null"
const claimValues = ({ owner, key, fingerprint }: IdempotencyClaim) => [owner, key, fingerprint]

/** Answers may contain a key or a secret, so they are encrypted. */
export function createIdempotencyStore(pool: Queryable, vault: Vault): IdempotencyStore {
  const aad = ({ owner, key }: IdempotencyClaim) => `idempotency_keys:${owner}:${key}`

  return {
    async begin(claim) {
      const taken = await pool.query(
        `insert into idempotency_keys as k (customer_id, key, fingerprint) values ($1, $2, $3)
         on conflict (customer_id, key) do update set
           fingerprint = excluded.fingerprint, status = null, response = null, created_at = now()
         where k.created_at < now() - make_interval(days => ${KEY_DAYS})
           or (k.status is null and k.created_at < now() - make_interval(secs => ${ABANDONED_S}))
         returning k.key`,
        claimValues(claim),
      )
      if (taken.rows.length > 0) return { kind: "first" }
      const { rows } = await pool.query<{ fingerprint: string; status: number | null; response: string | null }>(
        "select fingerprint, status, response from idempotency_keys where customer_id = $1 and key = $2",
        [claim.owner, claim.key],
      )
      const [row] = rows
      if (row && row.fingerprint !== claim.fingerprint) return { kind: "other" }
      if (!row || row.status === null || row.response === null) return { kind: "running" }
      return { kind: "done", answer: { status: row.status, text: vault.decrypt(row.response, aad(claim)) } }
    },

    async finish(claim, answer) {
      const encrypted = vault.encrypt(answer.text, aad(claim))
      await pool.query(`update idempotency_keys set status = $4, response = $5 where ${UNANSWERED}`, [
        ...claimValues(claim),
        answer.status,
        encrypted,
      ])
    },

    async release(claim) {
      await pool.query(`delete from idempotency_keys where ${UNANSWERED}`, claimValues(claim))
    },
  }
}
