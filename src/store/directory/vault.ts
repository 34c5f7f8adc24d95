import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

const VERSION = "v1"
const IV_BYTES = 12
const TAG_BYTES = 16

export interface VaultKey {
  id: string
  key: Uint8Array
}

/** Seals with the first key, opens with any. `aad` names the row, so that a sealed text works nowhere else. */
export interface Vault {
  seal(plain: string, aad: string): string
  open(sealed: string, aad: string): string
}

export type Opener = Pick<Vault, "open">

/**
 * AES-256-GCM. A sealed text is `v1.<key id>.<base64url of iv, ciphertext, tag>`.
 *
 * @param keys the first one seals; the others are there to open what was sealed before a rotation
 * @throws RangeError on keys that are not 32 bytes or ids that are not 1 to 32 letters, digits, `_` or `-`
 */
export function createVault(keys: readonly VaultKey[]): Vault {
  const [current] = keys
  if (!current) throw new RangeError("a vault needs at least one key")
  const byId = new Map(keys.map(({ id, key }) => [checkedId(id), checkedKey(id, key)]))
  if (byId.size < keys.length) throw new RangeError("two encryption keys have the same id")

  return {
    seal(plain, aad) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv("aes-256-gcm", current.key, iv).setAAD(bound(current.id, aad))
      const sealed = Buffer.concat([iv, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()])
      return `${VERSION}.${current.id}.${sealed.toString("base64url")}`
    },
    open(sealed, aad) {
      const [version, id = "", text = "", ...rest] = sealed.split(".")
      const key = byId.get(id)
      if (version !== VERSION || rest.length > 0) throw new Error("a sealed text is malformed")
      if (!key) throw new Error(`a secret was sealed with the encryption key "${id}", which is not configured`)
      const bytes = Buffer.from(text, "base64url")
      if (bytes.length < IV_BYTES + TAG_BYTES) throw new Error("a sealed text is malformed")
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES))
        .setAAD(bound(id, aad))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      const plain = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
      try {
        return Buffer.concat([plain, decipher.final()]).toString("utf8")
      } catch (cause) {
        const text = `the encryption key "${id}" does not open a secret that was sealed under this id`
        throw new Error(`${text}; give the key of then back in ENCRYPTION_KEYS`, { cause })
      }
    },
  }
}

function bound(keyId: string, aad: string): Buffer {
  return Buffer.from(`onehook:${VERSION}:${keyId}:${aad}`)
}

function checkedId(id: string): string {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id))
    throw new RangeError("an encryption key's id is 1 to 32 letters, digits, _ or -")
  return id
}

function checkedKey(id: string, key: Uint8Array): Uint8Array {
  if (key.length !== 32) throw new RangeError(`the encryption key "${id}" is ${key.length} bytes long, not 32`)
  return key
}
