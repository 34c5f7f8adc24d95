import type { Queryable } from "../connection/pool.ts"
import type { Vault } from "./vault.ts"

export interface IdempotencyClaim {
  /** The customer, or the operator. */
  owner: string
  key: string
  /** What the request was: another one under the same key is a mistake. */
  fingerprint: string
}

export interface StoredAnswer {
  status: number
  /** The JSON text; "" where there is none. */
  text: string
}

export type IdempotencyState =
  | { kind: "first" }
  | { kind: "done"; answer: StoredAnswer }
  | { kind: "running" }
  | { kind: "other" }

/** Older than this, a key may be used again. */
export const KEY_DAYS = 1
/** Hardly a request takes this long; what is still marked as running then has mostly died with its process. */
const ABANDONED_S = 60

const UNANSWERED = "customer_id = $1 and key = $2 and fingerprint = $3 and status is null"
const claimValues = ({ owner, key, fingerprint }: IdempotencyClaim) => [owner, key, fingerprint]

/** Answers may hold a key or a secret, so they are sealed. */
export function createIdempotencyStore(pool: Queryable, vault: Vault) {
  const aad = ({ owner, key }: IdempotencyClaim) => `idempotency_keys:${owner}:${key}`

  return {
    /** "first" gives the caller the right to run the request; it must end with `finish` or `release`. */
    async begin(claim: IdempotencyClaim): Promise<IdempotencyState> {
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

    /** The first answer counts. Where another request has taken the key meanwhile, it is not that one's. */
    async finish(claim: IdempotencyClaim, answer: StoredAnswer): Promise<void> {
      const encrypted = vault.encrypt(answer.text, aad(claim))
      await pool.query(`update idempotency_keys set status = $4, response = $5 where ${UNANSWERED}`, [
        ...claimValues(claim),
        answer.status,
        encrypted,
      ])
    },

    /** After a failure, so that the mended request may use the key. */
    async release(claim: IdempotencyClaim): Promise<void> {
      await pool.query(`delete from idempotency_keys where ${UNANSWERED}`, claimValues(claim))
    },
  }
}
