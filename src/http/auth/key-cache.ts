import type { KeyRecord } from "../../core/api/stores/api-keys.ts"

interface Entry {
  record: Promise<KeyRecord | null>
  readAtMs: number
}

/** How long other processes may still accept a key that was revoked in this one. */
const FRESH_MS = 1_000
const MAX_ENTRIES = 10_000

export interface KeyCache {
  get(publicId: string): Promise<KeyRecord | null>
  /** Whether the key is cached, however old the entry. */
  knows(publicId: string): boolean
  /** To call after any change to keys or customers in this process. */
  clear(): void
}

/** Caches keys by public id; concurrent requests for a key share one query. */
export function createKeyCache(find: (publicId: string) => Promise<KeyRecord | null>, now: () => number): KeyCache {
  const entries = new Map<string, Entry>()

  function read(publicId: string): Promise<KeyRecord | null> {
    const entry = { record: find(publicId), readAtMs: now() }
    entries.delete(publicId)
    entries.set(publicId, entry)
    entry.record.then(
      (record) => {
        if (record === null) drop(publicId, entry)
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
    knows: (publicId) => entries.has(publicId),
    clear: () => entries.clear(),
  }
}
