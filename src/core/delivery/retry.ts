import type { Outcome, Verdict } from "./outcome.ts"

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * The wait before each attempt, including the first: one entry per attempt (14 attempts over 71.9 h). An endpoint's own
 * schedule has the same shape here. In the API it holds only the waits before the retries, in seconds; the directory
 * adds the leading 0.
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

/** Delays each retry by up to a fifth of its wait, so that the deliveries of one outage are not retried together. */
const JITTER = 0.2

/** Failures of our own code after which a delivery is given up: retries do not help, and it must not block others. */
const MAX_FAULTS = 3

interface Judged {
  outcome: Outcome
  /** How many times our own code has failed on this delivery, including this time. */
  faults?: number
  /** Was the endpoint changed after the attempt started? */
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
 * - 2xx: delivered
 * - 410: the delivery is given up and its endpoint disabled. If the endpoint was changed meanwhile, it is retried: the
 *   answer may come from its former URL
 * - anything else, 4xx and `blocked` included: retried, since configuration mistakes are usually fixed within hours
 * - a delivery is given up after its last scheduled attempt, or when our own code fails on it for the third time
 * - `dueAtMs`: whole milliseconds, not before the scheduled wait nor before `Retry-After` (at most 24 h)
 */
export function judge({ outcome, faults = 0, changed = false, attempt, schedule, nowMs, random }: Judged): Verdict {
  if (outcome.kind === "response") {
    if (outcome.status >= 200 && outcome.status < 300) return { kind: "delivered" }
    if (outcome.status === 410 && !changed) return { kind: "exhausted", disableEndpoint: true }
  }
  const waitMs = schedule[attempt]
  if (waitMs === undefined || faults >= MAX_FAULTS) return { kind: "exhausted", disableEndpoint: false }
  const askedMs = outcome.kind === "response" ? (outcome.retryAfterMs ?? 0) : 0
  const delayMs = Math.max(waitMs, Math.min(askedMs, MAX_RETRY_AFTER_MS))
  return { kind: "retry", dueAtMs: Math.ceil(nowMs + delayMs * (1 + JITTER * random)) }
}
