import { randomFillSync } from "node:crypto"
import { timeOrderedId } from "../core/event/ids.ts"

const RANDOM_BYTES = 8
const COUNT_BYTES = 2
const IDS_PER_MS = 65_536

/**
 * Ids of everything but events, ordered by creation: the time in milliseconds, a counter within the millisecond, then
 * 64 random bits. Random bytes are fetched for many ids at a time, since the call is most of the cost.
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
    // If the clock is set back, ids still grow.
    lastMs = Math.max(lastMs, nowMs)
    if (count === IDS_PER_MS) {
      lastMs += 1
      count = 0
    }
    tail.writeUInt16BE(count)
    return timeOrderedId(prefix, lastMs, tail)
  }
}
