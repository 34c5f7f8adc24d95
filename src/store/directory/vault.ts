import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

const VERSION = "v1"
const IV_BYTES = 12
const TAG_BYTES = 16
const MALFORMED = "an encrypted secret is malformed"

export interface VaultKey {
  id: string
  key: Uint8Array
}

/**
 * Encrypts with the first key and decrypts with any. `aad` (additional authenticated data) names the row, so that a
 * ciphertext cannot be moved to another row.
 */
export interface Vault {
  /** The ids of its keys; the first one encrypts. */
  keyIds: readonly string[]
  encrypt(plain: string, aad: string): string
  decrypt(ciphertext: string, aad: string): string
}

export type Decrypter = Pick<Vault, "decrypt">

/**
 * AES-256-GCM. A ciphertext is `v1.<key id>.<base64url of iv, ciphertext, tag>`.
 *
 * @param keys the first key encrypts; the others decrypt what was encrypted before a rotation
 * @throws RangeError on keys that are not 32 bytes or ids that are not 1 to 32 letters, digits, `_` or `-`
 */
export function createVault(keys: readonly VaultKey[]): Vault {
  const [current] = keys
  if (!current) throw new RangeError("a vault needs at least one key")
  const byId = new Map(keys.map(({ id, key }) => [checkedId(id), checkedKey(id, key)]))
  if (byId.size < keys.length) throw new RangeError("two encryption keys have the same id")

  return {
    keyIds: [...byId.keys()],
    encrypt(plain, aad) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv("aes-256-gcm", current.key, iv).setAAD(bound(current.id, aad))
      const encrypted = Buffer.concat([iv, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()])
      return `${VERSION}.${current.id}.${encrypted.toString("base64url")}`
    },
    decrypt(ciphertext, aad) {
      const [version, id = "", text = "", ...rest] = ciphertext.split(".")
      const key = byId.get(id)
      if (version !== VERSION || rest.length > 0) throw new Error(MALFORMED)
      if (!key)
        throw new Error(`a secret is encrypted with the key "${id}", which is not in ENCRYPTION_KEYS; add that key`)
      const bytes = Buffer.from(text, "base64url")
      if (bytes.length < IV_BYTES + TAG_BYTES) throw new Error(MALFORMED)
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES))
        .setAAD(bound(id, aad))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      const plain = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
      try {
        return Buffer.concat([plain, decipher.final()]).toString("utf8")
      } catch (cause) {
        const text = `the encryption key "${id}" cannot decrypt a secret that was encrypted under this id`
        throw new Error(`${text}; restore the former key in ENCRYPTION_KEYS`, { cause })
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
