import { createHash } from "node:crypto"
import { crockford } from "../event/ids.ts"

export const API_KEY_RANDOM_BYTES = 42
const PUBLIC_BYTES = 10
const SHAPE = /^ohk_(live|test)_([0-9a-z]{16})_([0-9a-z]{52})_([0-9a-z]{7})$/

export type ApiKeyMode = "live" | "test"

export interface ApiKeyParts {
  /** Used to look the key up, and may be shown: `live_…` */
  publicId: string
  /** SHA-256 of the whole key. The secret has 256 random bits, so a slow hash would add nothing. */
  hash: Uint8Array
}

/**
 * Creates a key, `ohk_<mode>_<public id>_<secret>_<checksum>`. With the checksum, a mistyped key is refused without a
 * query, and a scanner recognizes a leaked one.
 *
 * @param random 42 bytes: 80 bits of public id, 256 of secret
 */
export function createApiKey(mode: ApiKeyMode, random: Uint8Array): ApiKeyParts & { key: string } {
  const id = crockford(random.subarray(0, PUBLIC_BYTES))
  const head = `ohk_${mode}_${id}_${crockford(random.subarray(PUBLIC_BYTES, API_KEY_RANDOM_BYTES))}`
  const key = `${head}_${checksum(head)}`
  return { key, publicId: `${mode}_${id}`, hash: hashOf(key) }
}

/** Whether the text begins like a customer's key. Nothing else may, the operator's key in particular. */
export function isCustomerKey(text: string): boolean {
  return /^ohk_(live|test)_/.test(text)
}

/** @returns null if the text is not a key or its checksum is wrong */
export function parseApiKey(text: string): ApiKeyParts | null {
  const match = SHAPE.exec(text)
  if (!match || checksum(text.slice(0, text.lastIndexOf("_"))) !== match[4]) return null
  return { publicId: `${match[1]}_${match[2]}`, hash: hashOf(text) }
}

function hashOf(key: string): Uint8Array {
  return createHash("sha256").update(key).digest()
}

function checksum(head: string): string {
  return crockford(createHash("sha256").update(`checksum:${head}`).digest().subarray(0, 4))
}
