const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long an endpoint must fail without a success until its customer gets each warning. */
export const WARNINGS_AFTER_MS: readonly number[] = [1 * DAY_MS, 3 * DAY_MS, 4.5 * DAY_MS]
export const DISABLED_AFTER_MS = 5 * DAY_MS
/** An endpoint with few failures is not disabled: it may just get few events in five days. */
const DISABLED_AFTER_FAILURES = 20
/** The first exhausted delivery is announced at once, later ones together, at most once in this time. */
export const EXHAUSTED_EVERY_MS = HOUR_MS

/** The health of an endpoint, stored only while it is not simply healthy. */
export interface Health {
  /** Failures since the last success; null for none. */
  failing: Failing | null
  /** Exhausted deliveries that the customer has not been notified of yet. */
  exhausted: { count: number; sinceMs: number } | null
  /** When the customer was last notified of exhausted deliveries. */
  exhaustedNotifiedAtMs: number | null
}

interface Failing {
  sinceMs: number
  lastAtMs: number
  failures: number
  /** How many warnings its customer has received. */
  warnings: number
}

/** The results of an endpoint's attempts in the last few seconds. `failures` counts those after the last success. */
export interface Tally {
  succeeded: boolean
  failures: number
  exhausted: number
}

/** What the customer is notified of. */
export type Notice =
  | { type: "endpoint.failing"; failing: Failing; warning: number }
  | { type: "endpoint.recovered"; failing: Failing }
  | { type: "endpoint.disabled"; failing: Failing }
  | { type: "delivery.exhausted"; count: number; sinceMs: number }

export const HEALTHY: Health = { failing: null, exhausted: null, exhaustedNotifiedAtMs: null }
export const NOTHING: Tally = { succeeded: false, failures: 0, exhausted: 0 }

/**
 * Adds the latest results to an endpoint's health, and returns the notices that follow. A notice `endpoint.disabled` is
 * the decision to disable the endpoint.
 *
 * - failing time runs from the first failure after the last success to the last failure, so it does not grow while the
 *   endpoint is idle, and one success resets it
 * - at most one warning per call: the latest that is due; no endpoint is disabled without a warning
 */
export function advance(health: Health, tally: Tally, nowMs: number): { health: Health; notices: Notice[] } {
  const notices: Notice[] = []
  let { failing } = health
  if (failing && tally.succeeded) {
    if (failing.warnings > 0) notices.push({ type: "endpoint.recovered", failing })
    failing = null
  }
  if (tally.failures > 0) {
    failing = addFailures(failing, tally.failures, nowMs)
    const notice = noticeFor(failing)
    if (notice?.type === "endpoint.failing") failing = { ...failing, warnings: notice.warning }
    if (notice) notices.push(notice)
  }
  const { exhausted, notifiedAtMs } = announceExhausted(health, tally.exhausted, nowMs, notices)
  return { health: { failing, exhausted, exhaustedNotifiedAtMs: notifiedAtMs }, notices }
}

/** Is there nothing left to store? */
export function isHealthy({ failing, exhausted, exhaustedNotifiedAtMs }: Health, nowMs: number): boolean {
  return (
    !failing && !exhausted && (exhaustedNotifiedAtMs === null || nowMs - exhaustedNotifiedAtMs >= EXHAUSTED_EVERY_MS)
  )
}

function addFailures(failing: Failing | null, failures: number, nowMs: number): Failing {
  const { sinceMs, failures: before, warnings } = failing ?? { sinceMs: nowMs, failures: 0, warnings: 0 }
  return { sinceMs, lastAtMs: Math.max(nowMs, sinceMs), failures: before + failures, warnings }
}

function noticeFor(failing: Failing): Notice | null {
  const failingMs = failing.lastAtMs - failing.sinceMs
  const due = WARNINGS_AFTER_MS.filter((afterMs) => failingMs >= afterMs).length
  const isOver = failingMs >= DISABLED_AFTER_MS && failing.failures >= DISABLED_AFTER_FAILURES && failing.warnings > 0
  if (isOver) return { type: "endpoint.disabled", failing }
  return due > failing.warnings ? { type: "endpoint.failing", failing, warning: due } : null
}

function announceExhausted(health: Health, count: number, nowMs: number, notices: Notice[]) {
  const before = health.exhausted
  const exhausted =
    before || count > 0 ? { count: (before?.count ?? 0) + count, sinceMs: before?.sinceMs ?? nowMs } : null
  const notifiedAtMs = health.exhaustedNotifiedAtMs
  if (!exhausted || (notifiedAtMs !== null && nowMs - notifiedAtMs < EXHAUSTED_EVERY_MS))
    return { exhausted, notifiedAtMs }
  notices.push({ type: "delivery.exhausted", ...exhausted })
  return { exhausted: null, notifiedAtMs: nowMs }
}
