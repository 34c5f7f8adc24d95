const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long an endpoint has failed, without one success, when its customer is told. */
export const WARNINGS_AFTER_MS: readonly number[] = [1 * DAY_MS, 3 * DAY_MS, 4.5 * DAY_MS]
export const DISABLED_AFTER_MS = 5 * DAY_MS
/** What fails seldom is not given up: an endpoint that gets little has few failures in five days. */
const DISABLED_AFTER_FAILURES = 20
/** Deliveries given up are told of at once, and those that follow together, so often at most. */
export const EXHAUSTED_EVERY_MS = HOUR_MS

/** What is known of an endpoint that is not simply healthy. */
export interface Health {
  /** Since its last success; null while nothing failed. */
  failing: Failing | null
  /** Deliveries given up of which the customer has not been told. */
  exhausted: { count: number; sinceMs: number } | null
  /** When the customer was last told of deliveries given up. */
  exhaustedToldAtMs: number | null
}

interface Failing {
  sinceMs: number
  lastAtMs: number
  failures: number
  /** How many warnings its customer has had. */
  warnings: number
}

/** What became of an endpoint's attempts in the last few seconds. `failures` are those after the last success. */
export interface Tally {
  succeeded: boolean
  failures: number
  exhausted: number
}

/** What the customer is to be told. */
export type Notice =
  | { type: "endpoint.failing"; failing: Failing; warning: number }
  | { type: "endpoint.recovered"; failing: Failing }
  | { type: "endpoint.disabled"; failing: Failing }
  | { type: "delivery.exhausted"; count: number; sinceMs: number }

export const HEALTHY: Health = { failing: null, exhausted: null, exhaustedToldAtMs: null }
export const NOTHING: Tally = { succeeded: false, failures: 0, exhausted: 0 }

/**
 * Moves on what is known of an endpoint, and says what follows. An `endpoint.disabled` among the notices is the decision
 * to disable it.
 *
 * - the time counts from the first failure after the last success to the last failure, so an endpoint that is idle
 *   does not grow worse, and one that answers once starts anew
 * - one warning at a time: after a pause, the strongest that is due; never disabled without having been warned
 */
export function advance(health: Health, tally: Tally, nowMs: number): { health: Health; notices: Notice[] } {
  const notices: Notice[] = []
  let { failing } = health
  if (failing && tally.succeeded) {
    if (failing.warnings > 0) notices.push({ type: "endpoint.recovered", failing })
    failing = null
  }
  if (tally.failures > 0) {
    failing = fail(failing, tally.failures, nowMs)
    const notice = judge(failing)
    if (notice?.type === "endpoint.failing") failing = { ...failing, warnings: notice.warning }
    if (notice) notices.push(notice)
  }
  const { exhausted, toldAtMs } = giveUp(health, tally.exhausted, nowMs, notices)
  return { health: { failing, exhausted, exhaustedToldAtMs: toldAtMs }, notices }
}

/** Is there anything left to remember? */
export function isHealthy({ failing, exhausted, exhaustedToldAtMs }: Health, nowMs: number): boolean {
  return !failing && !exhausted && (exhaustedToldAtMs === null || nowMs - exhaustedToldAtMs >= EXHAUSTED_EVERY_MS)
}

function fail(failing: Failing | null, failures: number, nowMs: number): Failing {
  const { sinceMs, failures: before, warnings } = failing ?? { sinceMs: nowMs, failures: 0, warnings: 0 }
  return { sinceMs, lastAtMs: Math.max(nowMs, sinceMs), failures: before + failures, warnings }
}

function judge(failing: Failing): Notice | null {
  const failingMs = failing.lastAtMs - failing.sinceMs
  const due = WARNINGS_AFTER_MS.filter((afterMs) => failingMs >= afterMs).length
  const ends = failingMs >= DISABLED_AFTER_MS && failing.failures >= DISABLED_AFTER_FAILURES && failing.warnings > 0
  if (ends) return { type: "endpoint.disabled", failing }
  return due > failing.warnings ? { type: "endpoint.failing", failing, warning: due } : null
}

function giveUp(health: Health, count: number, nowMs: number, notices: Notice[]) {
  const before = health.exhausted
  const exhausted =
    before || count > 0 ? { count: (before?.count ?? 0) + count, sinceMs: before?.sinceMs ?? nowMs } : null
  const toldAtMs = health.exhaustedToldAtMs
  if (!exhausted || (toldAtMs !== null && nowMs - toldAtMs < EXHAUSTED_EVERY_MS)) return { exhausted, toldAtMs }
  notices.push({ type: "delivery.exhausted", ...exhausted })
  return { exhausted: null, toldAtMs: nowMs }
}
