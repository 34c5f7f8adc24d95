import { atMostEvery, type Logger } from "./logger.ts"
import type { Metrics } from "./metrics.ts"

/** An unavailable server fails hundreds of calls a second; the log reports it once in this time. */
const QUIET_MS = 5_000

/** Counts every failed call to the store and to the wake queue, and logs them at a bounded rate. */
export function createErrorReports(logger: Logger, metrics: Metrics) {
  const logStoreError = atMostEvery(QUIET_MS, Date.now, (error: unknown, leftOut) => {
    logger.error({ err: error, left_out: leftOut }, "store error")
  })
  const logQueueError = atMostEvery(QUIET_MS, Date.now, (error: unknown, leftOut) => {
    logger.warn({ err: error, left_out: leftOut }, "wake queue unavailable; falling back to polling every second")
  })
  return {
    onStoreError(error: unknown) {
      metrics.storeErrors.inc()
      logStoreError(error)
    },
    onQueueError(error: unknown) {
      metrics.queueErrors.inc()
      logQueueError(error)
    },
  }
}
