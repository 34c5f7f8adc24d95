import type { Outcome, Verdict } from "./outcome.ts"

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * The wait before each attempt, the first included: as many entries as there are attempts (14 over 71.9 h).
 * An endpoint's own schedule has the same shape here; the API's holds the waits before the retries alone, in seconds,
 * and the directory puts the leading 0 before them.
 */
export const DEFAULT_SCHEDULE_MS: readonly number[] = [
  0,
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  1 * HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  12 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

export const MAX_RETRY_AFTER_MS = 24 * HOUR

/** Spreads the retries of one outage over a fifth of their wait, always later, never earlier. */
const JITTER = 0.2

/** A delivery that our own code fails on so often is parked: no schedule mends it, and it must stop nothing else. */
const MOST_FAULTS = 3

interface Judged {
  outcome: Outcome
  /** How often our own code has failed on this delivery, this time included. */
  faults?: number
  /** Was the endpoint changed after the attempt was begun? */
  changed?: boolean
  /** 1-based number of the attempt just made. */
  attempt: number
  schedule: readonly number[]
  nowMs: number
  /** In [0, 1). */
  random: number
}

/**
 * Decides what follows an attempt.
 *
 * - 2xx is delivered; 410 ends the delivery and disables its endpoint, unless that was changed meanwhile: the answer may
 *   be that of a former URL; everything else is retried, 4xx and `blocked` too, since configuration mistakes are mended
 *   within hours
 * - the third time that our own code fails on a delivery is the last
 * - `dueAtMs` is whole milliseconds, never before the schedule's wait nor before `Retry-After` (counted up to 24 h)
 */
export function judge({ outcome, faults = 0, changed = false, attempt, schedule, nowMs, random }: Judged): Verdict {
  if (outcome.kind === "response") {
    if (outcome.status >= 200 && outcome.status < 300) return { kind: "delivered" }
    if (outcome.status === 410 && !changed) return { kind: "exhausted", disableEndpoint: true }
  }
  const waitMs = schedule[attempt]
  if (waitMs === undefined || faults >= MOST_FAULTS) return { kind: "exhausted", disableEndpoint: false }
  const askedMs = outcome.kind === "response" ? (outcome.retryAfterMs ?? 0) : 0
  const delayMs = Math.max(waitMs, Math.min(askedMs, MAX_RETRY_AFTER_MS))
  return { kind: "retry", dueAtMs: Math.ceil(nowMs + delayMs * (1 + JITTER * random)) }
}
