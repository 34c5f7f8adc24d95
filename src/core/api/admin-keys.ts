import { createHash, timingSafeEqual } from "node:crypto"

/** A key of the operator. The name is shown in the audit log. */
export interface AdminKey {
  name: string
  key: string
}

/** The name of a key that was configured without one. */
const UNNAMED = "operator"
const NAMED = /^([A-Za-z0-9_-]{1,32}):(.{32,})$/

/** One item of `ADMIN_KEY`: `name:key`, or a key alone. */
export function parseAdminKey(text: string): AdminKey {
  const [, name = UNNAMED, key = text] = NAMED.exec(text) ?? []
  return { name, key }
}

/** @returns the key that `token` is, if any, found in a time that tells nothing about the keys */
export function createAdminKeys(keys: readonly AdminKey[]): (token: string) => AdminKey | undefined {
  const known = keys.map((key) => ({ key, digest: digest(key.key) }))
  return (token) => {
    const given = digest(token)
    const matches = known.filter((one) => timingSafeEqual(one.digest, given))
    return matches[0]?.key
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
