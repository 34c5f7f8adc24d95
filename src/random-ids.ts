import { randomFillSync } from "node:crypto"
import { timeOrderedId } from "./core/ids.ts"

const BYTES_PER_ID = 10

/** Ids of everything but events. Randomness is fetched for many ids at a time, which is most of its cost. */
export function createIdSource(now: () => number) {
  const pool = Buffer.alloc(256 * BYTES_PER_ID)
  let used = pool.length
  return (prefix: string): string => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += BYTES_PER_ID
    return timeOrderedId(prefix, now(), pool.subarray(used - BYTES_PER_ID, used))
  }
}
