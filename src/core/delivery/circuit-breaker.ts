/** Consecutive failures that open the breaker. */
const OPENS_AFTER = 10
/** It also opens if half of at least `WINDOW_RESULTS` results fail within a window, which starts at a failure. */
const WINDOW_MS = 60_000
const WINDOW_RESULTS = 20
/** In both cases only after failing for this long: ten failures of a busy endpoint take a few milliseconds. */
const MIN_FAILING_MS = 1_000

/** Short, so that a restart of the endpoint costs seconds; doubled each time, so that a dead endpoint costs little. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 300_000
/** Delays each probe by up to a fifth of its wait, so that endpoints that failed together are not probed together. */
const JITTER = 0.2

/**
 * Requests in the last step of the slow start; each step is twice the one before (1, 2, 4, 8). As in the window, a step
 * fails if half of its requests fail: an endpoint that fails one request in five is not down, and would rarely get
 * through if all fifteen had to succeed.
 */
const LAST_STEP = 8

interface Closed {
  state: "closed"
  /** The current run of failures without a success in between. */
  run: { failures: number; sinceMs: number } | null
  window: { endsAtMs: number; results: number; failures: number } | null
}

interface Open {
  state: "open"
  /** When the first probe may go. */
  untilMs: number
  /** How many times it has opened since it was last closed; each time waits twice as long, up to a limit. */
  trips: number
}

interface HalfOpen {
  state: "half_open"
  trips: number
  step: number
  /** Requests sent in this step, and how many of them have succeeded and failed so far. */
  sent: number
  succeeded: number
  failed: number
}

/**
 * The circuit breaker of one endpoint: closed → open → half-open → closed, or open again. It is an immutable value; the
 * functions below return the next one. Each `sent` is followed by one `answered`, unless the process ends in between.
 */
export type Breaker = Closed | Open | HalfOpen

/** No recent failure. A success of a healthy endpoint returns this same value, so it allocates nothing. */
export const CLOSED: Breaker = { state: "closed", run: null, window: null }

/** When the next request may go; Infinity if an answer must arrive first. */
export function opensAtMs(breaker: Breaker): number {
  switch (breaker.state) {
    case "closed":
      return Number.NEGATIVE_INFINITY
    case "open":
      return breaker.untilMs
    case "half_open":
      return breaker.sent < breaker.step ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
}

/** A request was sent. */
export function sent(breaker: Breaker): Breaker {
  switch (breaker.state) {
    case "closed":
      return breaker
    case "open":
      return { state: "half_open", trips: breaker.trips, step: 1, sent: 1, succeeded: 0, failed: 0 }
    case "half_open":
      return { ...breaker, sent: breaker.sent + 1 }
  }
}

/**
 * A request has ended. `succeeded` is null if our own code failed, which says nothing about the endpoint.
 *
 * - requests that were in flight when the breaker opened have no effect while it is open
 * - `random` in [0, 1) sets the jitter of the next probe
 */
export function answered(breaker: Breaker, succeeded: boolean | null, nowMs: number, random: number): Breaker {
  switch (breaker.state) {
    case "closed":
      return succeeded === null ? breaker : whileClosed(breaker, succeeded, nowMs, random)
    case "open":
      return breaker
    case "half_open":
      if (succeeded === null) return { ...breaker, sent: Math.max(0, breaker.sent - 1) }
      return slowStart(breaker, succeeded) ?? open(breaker.trips + 1, nowMs, random)
  }
}

function whileClosed(breaker: Closed, succeeded: boolean, nowMs: number, random: number): Breaker {
  const run = succeeded ? null : longer(breaker.run, nowMs)
  if (run !== null && run.failures >= OPENS_AFTER && hasLasted(run.sinceMs, nowMs)) return open(1, nowMs, random)
  const running = breaker.window !== null && nowMs < breaker.window.endsAtMs ? breaker.window : null
  if (!running && succeeded) return CLOSED
  const { endsAtMs, results, failures } = running ?? { endsAtMs: nowMs + WINDOW_MS, results: 0, failures: 0 }
  const window = { endsAtMs, results: results + 1, failures: failures + (succeeded ? 0 : 1) }
  const halfFail = window.results >= WINDOW_RESULTS && 2 * window.failures >= window.results
  if (halfFail && hasLasted(endsAtMs - WINDOW_MS, nowMs)) return open(1, nowMs, random)
  return { state: "closed", run, window }
}

const hasLasted = (sinceMs: number, nowMs: number) => nowMs - sinceMs >= MIN_FAILING_MS

function longer(run: Closed["run"], nowMs: number): NonNullable<Closed["run"]> {
  return { failures: (run?.failures ?? 0) + 1, sinceMs: run?.sinceMs ?? nowMs }
}

/** The next state of the slow start, or null if this step failed. */
function slowStart(breaker: HalfOpen, success: boolean): Breaker | null {
  const succeeded = breaker.succeeded + (success ? 1 : 0)
  const failed = breaker.failed + (success ? 0 : 1)
  if (2 * failed >= breaker.step) return null
  if (succeeded + failed < breaker.step) return { ...breaker, succeeded, failed }
  if (breaker.step === LAST_STEP) return CLOSED
  return { state: "half_open", trips: breaker.trips, step: 2 * breaker.step, sent: 0, succeeded: 0, failed: 0 }
}

function open(trips: number, nowMs: number, random: number): Open {
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (trips - 1), LONGEST_WAIT_MS)
  return { state: "open", trips, untilMs: Math.ceil(nowMs + waitMs * (1 + JITTER * random)) }
}
