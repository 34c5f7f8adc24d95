import type { KeyRecord } from "../../core/api/stores/api-keys.ts"

interface Entry {
  record: Promise<KeyRecord | null>
  /** Undefined until the record is read. */
  customerId: string | undefined
  readAtMs: number
}

/** How long other processes may still accept a key that was revoked in this one. */
const FRESH_MS = 1_000
const MAX_ENTRIES = 10_000

export interface KeyCache {
  get(publicId: string): Promise<KeyRecord | null>
  /** Drops the keys of a customer, after a change to it or its keys in this process. null: of every customer. */
  forget(customerId: string | null): void
}

/** Caches keys by public id; concurrent requests for a key share one query. */
export function createKeyCache(find: (publicId: string) => Promise<KeyRecord | null>, now: () => number): KeyCache {
  const entries = new Map<string, Entry>()

  function read(publicId: string): Promise<KeyRecord | null> {
    const entry: Entry = { record: find(publicId), customerId: undefined, readAtMs: now() }
    entries.delete(publicId)
    entries.set(publicId, entry)
    entry.record.then(
      (record) => {
        if (record === null) drop(publicId, entry)
        else entry.customerId = record.customerId
      },
      () => drop(publicId, entry),
    )
    const [oldest] = entries.keys()
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest)
    return entry.record
  }

  function drop(publicId: string, entry: Entry) {
    if (entries.get(publicId) === entry) entries.delete(publicId)
  }

  return {
    get(publicId) {
      const entry = entries.get(publicId)
      return entry && now() - entry.readAtMs < FRESH_MS ? entry.record : read(publicId)
    },
    forget(customerId) {
      for (const [publicId, entry] of entries) {
        const concerned = customerId === null || entry.customerId === undefined || entry.customerId === customerId
        if (concerned) entries.delete(publicId)
      }
    },
  }
}
