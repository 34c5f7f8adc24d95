import { setTimeout as delay } from "node:timers/promises"
import type { Worker } from "bullmq"

const CLOSE_WITHIN_MS = 2_000
/**
 * After an error reply (OOM, WRONGTYPE, a full disk), BullMQ tries again at once, thousands of times a second. After
 * this many errors within the pause, the worker is stopped and started again after the pause.
 */
const MAX_ERRORS = 20
const PAUSE_MS = 1_000
/** Another dispatcher may fetch every wake-up for a moment. */
const SILENT_MS = 2_000

export interface Wake {
  endpointIds: string[]
}

export type AnyWorker = Pick<Worker<Wake>, "close" | "on">
export type CreateWorker = (processor: (job: { data: Wake }) => Promise<void>) => AnyWorker

export interface WakeWorker {
  /** False after an error, and after wake-ups were left waiting, until a wake-up is fetched. */
  fetches(): boolean
  /** To be called when wake-ups were left waiting. Unless another one was just fetched, the worker may be dead. */
  leftWaiting(): void
  /**
   * To be called while wake-ups must be waiting. A worker can die without an error, for example after a failover
   * (bullmq#648, bullmq#4378), so one that has fetched nothing for `forMs` is replaced.
   *
   * @returns whether it was replaced
   */
  replaceIfSilent(forMs: number): boolean
  close(): Promise<void>
}

interface WakeWorkerDeps {
  createWorker: CreateWorker
  handler(endpointIds: string[]): void
  onError(error: Error): void
  /** The worker stopped fetching, as far as is known. */
  onSilent(): void
}

/**
 * Starts a worker that calls `handler` for each wake-up, and replaces it after too many errors or when it is silent.
 */
export function startWakeWorker({ createWorker, handler, onError, onSilent }: WakeWorkerDeps): WakeWorker {
  let fetchedAtMs = performance.now()
  let startedAtMs = fetchedAtMs
  let fetches = true
  let worker: AnyWorker | undefined
  let restart: NodeJS.Timeout | undefined

  function mayBeDead() {
    if (!fetches) return
    fetches = false
    onSilent()
  }

  function start() {
    startedAtMs = performance.now()
    let errors = 0
    let sinceMs = performance.now()
    const started = createWorker(async (job) => {
      fetchedAtMs = performance.now()
      fetches = true
      handler(job.data.endpointIds)
    })
    started.on("error", (error) => {
      onError(error)
      if (started === worker) mayBeDead()
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
    fetches: () => fetches,
    leftWaiting() {
      if (performance.now() - fetchedAtMs > SILENT_MS) mayBeDead()
    },
    replaceIfSilent(forMs) {
      if (performance.now() - Math.max(fetchedAtMs, startedAtMs) < forMs) return false
      void end()
      start()
      return true
    },
    close: end,
  }
}
