import { setTimeout as delay } from "node:timers/promises"
import type { Worker } from "bullmq"

const CLOSE_WITHIN_MS = 2_000
/**
 * After an error reply (OOM, WRONGTYPE, a full disk), BullMQ tries again at once, thousands of times a second. After
 * this many errors within the pause, the worker is stopped and started again after the pause.
 */
const MAX_ERRORS = 20
const PAUSE_MS = 1_000

export interface Wake {
  endpointIds: string[]
}

export type AnyWorker = Pick<Worker<Wake>, "close" | "on">
export type CreateWorker = (processor: (job: { data: Wake }) => Promise<void>) => AnyWorker

export interface WakeWorker {
  /**
   * To be called while wake-ups must be waiting. A worker can die without an error, for example after a failover
   * (bullmq#648, bullmq#4378), so one that has fetched nothing for `forMs` is replaced.
   *
   * @returns whether it was replaced
   */
  replaceIfSilent(forMs: number): boolean
  close(): Promise<void>
}

/**
 * Starts a worker that calls `handler` for each wake-up, and replaces it after too many errors or when it is silent.
 */
export function startWakeWorker(
  createWorker: CreateWorker,
  handler: (endpointIds: string[]) => void,
  onError: (error: Error) => void,
): WakeWorker {
  let fetchedAtMs = performance.now()
  let worker: AnyWorker | undefined
  let restart: NodeJS.Timeout | undefined

  function start() {
    let errors = 0
    let sinceMs = performance.now()
    const started = createWorker(async (job) => {
      fetchedAtMs = performance.now()
      handler(job.data.endpointIds)
    })
    started.on("error", (error) => {
      onError(error)
      if (performance.now() - sinceMs > PAUSE_MS) {
        errors = 0
        sinceMs = performance.now()
      }
      errors += 1
      if (started !== worker || errors < MAX_ERRORS) return
      void end()
      restart = setTimeout(start, PAUSE_MS)
    })
    worker = started
  }

  // While Redis is unreachable, closing would never end. The sweeper repeats a wake-up that is lost here.
  async function end() {
    clearTimeout(restart)
    const ended = worker?.close().catch(onError)
    worker = undefined
    await Promise.race([ended, delay(CLOSE_WITHIN_MS, undefined, { ref: false })])
  }

  start()
  return {
    replaceIfSilent(forMs) {
      if (performance.now() - fetchedAtMs < forMs) return false
      fetchedAtMs = performance.now()
      void end()
      start()
      return true
    },
    close: end,
  }
}
