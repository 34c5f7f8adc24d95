import { randomBytes } from "node:crypto"
import type { Queryable } from "../connection/pool.ts"

interface Vault {
  seal(plain: string, aad: string): string
  open(sealed: string, aad: string): string
}

const AAD = "settings:instance_key"

/**
 * The key of all conversation ids of this store, made at the first start. It is kept with the data, sealed: ids stay
 * the same as long as the store and its encryption keys do.
 */
export async function instanceKey(pool: Queryable, vault: Vault): Promise<Uint8Array> {
  const created = vault.seal(randomBytes(32).toString("base64"), AAD)
  await pool.query("insert into settings (name, value) values ('instance_key', $1) on conflict do nothing", [created])
  const { rows } = await pool.query<{ value: string }>("select value from settings where name = 'instance_key'")
  return Buffer.from(vault.open(rows[0]?.value ?? "", AAD), "base64")
}
