import type { Endpoint } from "../core/delivery/endpoint.ts"
import { type Announced, announceExpiry } from "../core/delivery/operational-rows.ts"

/** How long before a secret expires its customer is notified; at once if it is already that close. */
const WARNING_MS = 6 * 3_600_000
/** How often secrets are checked. */
const CHECK_EVERY_MS = 60_000

/**
 * Finds secrets that expire soon and that this process has not announced. Other processes may announce them too: the
 * event is the same, so it is stored once.
 */
export function createExpiringSecrets(endpoints: () => Iterable<Endpoint>) {
  const announcedUntil = new Map<string, number>()
  let checkedAtMs = Number.NEGATIVE_INFINITY
  return {
    find(nowMs: number): Announced[] {
      if (nowMs - checkedAtMs < CHECK_EVERY_MS) return []
      checkedAtMs = nowMs
      for (const [key, expiresAtMs] of announcedUntil) if (expiresAtMs <= nowMs) announcedUntil.delete(key)
      const found: Announced[] = []
      for (const endpoint of endpoints()) {
        for (const { expiresAtMs } of endpoint.secrets) {
          if (expiresAtMs === null || expiresAtMs <= nowMs || expiresAtMs - nowMs > WARNING_MS) continue
          const isNew = !announcedUntil.has(`${endpoint.id} ${expiresAtMs}`)
          if (isNew) found.push(announceExpiry(endpoint, expiresAtMs, nowMs))
        }
      }
      return found
    },

    /** The events are stored; their secrets are not found again. */
    announced(events: readonly Announced[]) {
      for (const { endpoint, dayOfMs } of events) announcedUntil.set(`${endpoint.id} ${dayOfMs}`, dayOfMs)
    },
  }
}
