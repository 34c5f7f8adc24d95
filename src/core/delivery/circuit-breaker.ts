/** Failures one after the other that open a breaker. */
const OPENS_AFTER = 10
/** Or: at least half of at least so many in a window that begins with a failure. */
const WINDOW_MS = 60_000
const WINDOW_RESULTS = 20

const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 300_000
/** Spreads the probes of endpoints that failed together over a fifth of their wait, always later. */
const JITTER = 0.2

/**
 * How many go through in the last step of the slow start, each step being twice the one before. A step fails when half
 * of it do, as the window does: who fails one time in five was not down, and would never see fifteen successes in a row.
 */
const LAST_STEP = 8

interface Closed {
  state: "closed"
  failuresInRow: number
  window: { endsAtMs: number; results: number; failures: number } | null
}

interface Open {
  state: "open"
  /** When the first probe may go. */
  untilMs: number
  /** How many times it has opened since it was last closed. */
  trips: number
}

interface HalfOpen {
  state: "half_open"
  trips: number
  step: number
  /** Let through in this step, and how many of them have ended in which way. */
  sent: number
  succeeded: number
  failed: number
}

/**
 * The breaker of one endpoint: closed → open → half-open → closed, or open again. A value; the functions below give the
 * next one. Every `sent` is answered by one `answered`, except when the process that counts is another by then.
 */
export type Breaker = Closed | Open | HalfOpen

/** Nothing failed lately. It is what every success of a healthy endpoint gives, so those cost nothing. */
export const CLOSED: Breaker = { state: "closed", failuresInRow: 0, window: null }

/** From when one more request may go; Infinity where only an answer can tell. */
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

/** A request goes out. */
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
 * A request has ended. `succeeded` is null where it says nothing of the endpoint: our own code failed.
 *
 * - what was under way when the breaker opened changes nothing
 * - `random` in [0, 1) places the next probe
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
  const failuresInRow = succeeded ? 0 : breaker.failuresInRow + 1
  if (failuresInRow >= OPENS_AFTER) return open(1, nowMs, random)
  const running = breaker.window !== null && nowMs < breaker.window.endsAtMs ? breaker.window : null
  if (!running && succeeded) return CLOSED
  const { endsAtMs, results, failures } = running ?? { endsAtMs: nowMs + WINDOW_MS, results: 0, failures: 0 }
  const window = { endsAtMs, results: results + 1, failures: failures + (succeeded ? 0 : 1) }
  if (window.results >= WINDOW_RESULTS && 2 * window.failures >= window.results) return open(1, nowMs, random)
  return { state: "closed", failuresInRow, window }
}

/** The next step of the slow start, or null where this one failed. */
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
