import { randomFillSync } from "node:crypto"
import { timeOrderedId } from "../core/event/ids.ts"

const RANDOM_BYTES = 8
const COUNT_BYTES = 2
const IDS_PER_MS = 65_536

/**
 * Ids of everything but events, in the order in which they were asked for: after the time comes a count within the
 * millisecond, then 64 random bits. Randomness is fetched for many ids at a time, which is most of its cost.
 */
export function createIdSource(now: () => number) {
  const pool = Buffer.alloc(256 * RANDOM_BYTES)
  const tail = Buffer.alloc(COUNT_BYTES + RANDOM_BYTES)
  let used = pool.length
  let lastMs = 0
  let count = 0
  return (prefix: string): string => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    pool.copy(tail, COUNT_BYTES, used, used + RANDOM_BYTES)
    used += RANDOM_BYTES
    const nowMs = now()
    count = nowMs > lastMs ? 0 : count + 1
    // A clock that is set back does not set back the order.
    lastMs = Math.max(lastMs, nowMs)
    if (count === IDS_PER_MS) {
      lastMs += 1
      count = 0
    }
    tail.writeUInt16BE(count)
    return timeOrderedId(prefix, lastMs, tail)
  }
}
