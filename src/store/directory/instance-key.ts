import { randomBytes } from "node:crypto"
import type { Queryable } from "../connection/pool.ts"
import type { Vault } from "./vault.ts"

const AAD = "settings:instance_key"

/**
 * The key from which this store's conversation ids are derived, created at the first start. It is stored encrypted
 * beside the data, so ids stay the same as long as the store and its encryption keys do.
 */
export async function instanceKey(pool: Queryable, vault: Vault): Promise<Uint8Array> {
  const created = vault.encrypt(randomBytes(32).toString("base64"), AAD)
  await pool.query("insert into settings (name, value) values ('instance_key', $1) on conflict do nothing", [created])
  const { rows } = await pool.query<{ value: string }>("select value from settings where name = 'instance_key'")
  return Buffer.from(vault.decrypt(rows[0]?.value ?? "", AAD), "base64")
}
