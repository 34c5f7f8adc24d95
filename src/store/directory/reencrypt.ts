import type { EncryptionStore, UnreadableValue } from "../../core/api/stores/encryption.ts"
import type { Queryable } from "../connection/pool.ts"
import { appAad } from "./apps.ts"
import { endpointAad } from "./endpoint-rows.ts"
import type { Vault } from "./vault.ts"

/** A column that holds ciphertexts: one as text, or several in an array or in JSON. */
interface Column {
  table: string
  name: string
  type: "text" | "text[]" | "jsonb"
  /** The primary key. */
  key: readonly string[]
  kind: UnreadableValue["kind"]
  aad(...key: string[]): string
}

/** A test fails if a column with ciphertexts is missing here. */
const COLUMNS: readonly Column[] = [
  { table: "settings", name: "value", type: "text", key: ["name"], kind: "setting", aad: (name) => `settings:${name}` },
  { table: "apps", name: "secrets", type: "text[]", key: ["id"], kind: "app", aad: appAad },
  { table: "apps", name: "verify_token", type: "text", key: ["id"], kind: "app", aad: appAad },
  {
    table: "connections",
    name: "access_token",
    type: "text",
    key: ["id"],
    kind: "connection",
    aad: (id) => `connections:${id}`,
  },
  { table: "endpoints", name: "headers", type: "text", key: ["id"], kind: "endpoint", aad: endpointAad },
  { table: "endpoints", name: "secrets", type: "jsonb", key: ["id"], kind: "endpoint", aad: endpointAad },
  {
    table: "idempotency_keys",
    name: "response",
    type: "text",
    key: ["customer_id", "key"],
    kind: "idempotent_response",
    aad: (owner, key) => `idempotency_keys:${owner}:${key}`,
  },
]

const READ_AT_ONCE = 100
/** A response lists no more unreadable values than this. */
const MAX_LISTED = 100

/** The text of an array or of JSON contains each ciphertext unchanged: none of its characters is quoted. */
const CIPHERTEXT = /(?<![\w.-])v1\.([\w-]{1,32})\.[\w-]+/g
const START = String.raw`(?:^|[^\w.-])v1\.`

const COUNT = `select id, count(*)::int as values from (
  ${COLUMNS.map(({ table, name }) => `select (regexp_matches(${name}::text, '${START}([\\w-]{1,32})\\.', 'g'))[1] as id from ${table}`).join("\n  union all\n  ")}
) found group by id`

export function createEncryptionStore(pool: Queryable, vault: Vault): EncryptionStore {
  const [current = ""] = vault.keyIds

  /** @throws Error if one of the ciphertexts cannot be decrypted */
  function encryptAgain(text: string, aad: string): string {
    return text.replaceAll(CIPHERTEXT, (sealed, id) =>
      id === current ? sealed : vault.encrypt(vault.decrypt(sealed, aad), aad),
    )
  }

  async function* outdated(column: Column): AsyncGenerator<{ key: string[]; text: string }> {
    const keys = column.key.join(", ")
    for (let after: string[] | undefined; ; ) {
      const beyond = after ? `and (${keys}) > (${after.map((_, index) => `$${index + 3}`).join(", ")})` : ""
      const { rows } = await pool.query<{ key: string[]; text: string }>(
        `select array[${column.key.map((name) => `${name}::text`).join(", ")}] as key, ${column.name}::text as text
         from ${column.table} where ${column.name}::text ~ $1 ${beyond} order by ${keys} limit $2`,
        [`${START}(?!${current}\\.)`, READ_AT_ONCE, ...(after ?? [])],
      )
      yield* rows
      after = rows.at(-1)?.key
      if (rows.length < READ_AT_ONCE) return
    }
  }

  /** Only if nobody has changed the value meanwhile; the next run finds it otherwise. */
  async function replace(column: Column, key: string[], before: string, after: string): Promise<boolean> {
    const own = column.key.map((name, index) => `${name} = $${index + 3}`).join(" and ")
    const { rowCount } = await pool.query(
      `update ${column.table} set ${column.name} = $1::text::${column.type} where ${own} and ${column.name}::text = $2`,
      [after, before, ...key],
    )
    return (rowCount ?? 0) > 0
  }

  return {
    async state() {
      const { rows } = await pool.query<{ id: string; values: number }>(COUNT)
      const counts = new Map(rows.map(({ id, values }) => [id, values]))
      const ids = new Set([...vault.keyIds, ...[...counts.keys()].sort()])
      return {
        current_key: current,
        keys: [...ids].map((id) => ({
          id,
          configured: vault.keyIds.includes(id),
          values: counts.get(id) ?? 0,
        })),
      }
    },

    async reencrypt(max) {
      const unreadable: UnreadableValue[] = []
      let changed = 0
      let unreadableCount = 0
      for (const column of COLUMNS) {
        for await (const { key, text } of outdated(column)) {
          let after: string
          try {
            after = encryptAgain(text, column.aad(...key))
          } catch {
            unreadableCount += 1
            if (unreadable.length < MAX_LISTED) unreadable.push({ kind: column.kind, id: key[0] ?? "" })
            continue
          }
          if (await replace(column, key, text, after)) changed += 1
          if (changed >= max) return { changed, unreadable_count: unreadableCount, unreadable, done: false }
        }
      }
      return { changed, unreadable_count: unreadableCount, unreadable, done: true }
    },
  }
}
