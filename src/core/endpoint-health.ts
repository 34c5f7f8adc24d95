const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long an endpoint has failed, without one success, when its customer is told. */
export const WARNINGS_AFTER_MS: readonly number[] = [1 * DAY_MS, 3 * DAY_MS, 4.5 * DAY_MS]

const DISABLED_AFTER_MS = 5 * DAY_MS
/** What fails seldom is not given up: an endpoint that nobody writes to has few failures in five days. */
const DISABLED_AFTER_FAILURES = 20

/** What is known of an endpoint since its last success. */
export interface Failing {
  sinceMs: number
  lastFailureAtMs: number
  failures: number
  /** How many warnings its customer has had. */
  warnings: number
}

export type HealthVerdict = { kind: "wait" } | { kind: "warn"; warnings: number } | { kind: "disable" }

/**
 * Decides after a failure whether the customer is warned or the endpoint is disabled.
 *
 * - the time counts from the first failure after the last success to the last failure, so an endpoint that is idle
 *   does not grow worse, and one that answers once starts anew
 * - one warning at a time: after a pause, the strongest that is due; never disabled without having been warned
 */
export function judgeHealth({ sinceMs, lastFailureAtMs, failures, warnings }: Failing): HealthVerdict {
  const failingMs = lastFailureAtMs - sinceMs
  const due = WARNINGS_AFTER_MS.filter((afterMs) => failingMs >= afterMs).length
  if (failingMs >= DISABLED_AFTER_MS && failures >= DISABLED_AFTER_FAILURES && warnings > 0) return { kind: "disable" }
  return due > warnings ? { kind: "warn", warnings: due } : { kind: "wait" }
}
