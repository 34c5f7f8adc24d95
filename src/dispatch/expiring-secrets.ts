import type { Endpoint } from "../core/delivery/endpoint.ts"
import { type Announced, announceExpiry } from "../core/delivery/operational-rows.ts"

/** How long before an old secret ends its customer is told; when it has less to live, at once. */
const WARNING_MS = 6 * 3_600_000
/** How often secrets are looked at. */
const LOOK_EVERY_MS = 60_000

/** Finds secrets that end soon and were not told of by this process; another's telling is the same event. */
export function createExpiringSecrets(endpoints: () => Iterable<Endpoint>) {
  const told = new Map<string, number>()
  let lookedAtMs = Number.NEGATIVE_INFINITY
  return {
    find(nowMs: number): Announced[] {
      if (nowMs - lookedAtMs < LOOK_EVERY_MS) return []
      lookedAtMs = nowMs
      for (const [key, endsAtMs] of told) if (endsAtMs <= nowMs) told.delete(key)
      const found: Announced[] = []
      for (const endpoint of endpoints()) {
        for (const { expiresAtMs } of endpoint.secrets) {
          if (expiresAtMs === null || expiresAtMs <= nowMs || expiresAtMs - nowMs > WARNING_MS) continue
          if (!told.has(`${endpoint.id} ${expiresAtMs}`)) found.push(announceExpiry(endpoint, expiresAtMs, nowMs))
        }
      }
      return found
    },

    told(announced: readonly Announced[]) {
      for (const { endpoint, dayOfMs } of announced) told.set(`${endpoint.id} ${dayOfMs}`, dayOfMs)
    },
  }
}
