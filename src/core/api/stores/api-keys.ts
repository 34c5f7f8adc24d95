import type { ApiKey, Scope } from "../resources/api-key.ts"
import type { Page, PageRequest } from "../resources/common.ts"

interface StoredApiKey {
  id: string
  customerId: string
  name: string
  publicId: string
  hash: Uint8Array
  scopes: Scope[]
  expiresAt: string | null
}

/** A key that replaces another one and takes its name, scopes and expiry. */
interface ReplacementKey {
  id: string
  publicId: string
  hash: Uint8Array
  /** When the replaced key ends, unless it expires sooner. */
  oldEndsAt: string
  nowMs: number
}

/** A key as authentication needs it. */
export interface KeyRecord {
  id: string
  name: string
  customerId: string
  hash: Uint8Array
  scopes: Scope[]
  expiresAtMs: number | null
  revoked: boolean
}

/** A key is live until it is revoked or expires. */
export interface ApiKeysStore {
  /** null if the customer has `max` live keys. */
  create(key: StoredApiKey, max: number): Promise<ApiKey | null>
  get(customerId: string, id: string): Promise<ApiKey | null>
  /** Newest first, revoked keys included. */
  list(customerId: string, page: PageRequest): Promise<Page<ApiKey>>
  /** "ended" if the old key is no longer live; "full" if the customer has `max` other live keys. */
  rotate(customerId: string, oldId: string, key: ReplacementKey, max: number): Promise<ApiKey | "ended" | "full">
  /** The key is refused from now on. A key that is already revoked is left as it is. */
  revoke(customerId: string, id: string): Promise<ApiKey | null>
  /** For authentication, before the customer is known. */
  find(publicId: string): Promise<KeyRecord | null>
  /** Records that the key was used. */
  touch(id: string, atMs: number): Promise<void>
}
