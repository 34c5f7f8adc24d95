import { setTimeout as delay } from "node:timers/promises"

/** How long one endpoint more in a call puts off the next one, and how long all of them can. */
const PAUSE_PER_RING_MS = 0.5
const LONGEST_PAUSE_MS = 15

interface RingerDeps {
  ring(endpointIds: string[]): Promise<void>
  onError(error: unknown): void
}

/**
 * Collects rings while a call to the queue is under way and, the more there are, for some milliseconds after: a busy
 * endpoint costs few rings, a quiet one is rung at once. A ring that fails is dropped: the sweeper finds what is due.
 */
export function createRinger({ ring, onError }: RingerDeps) {
  let waiting = new Set<string>()
  let asked = 0
  let ringing: Promise<void> | undefined

  async function run() {
    while (waiting.size > 0) {
      const ids = [...waiting]
      const pauseMs = Math.min(asked * PAUSE_PER_RING_MS, LONGEST_PAUSE_MS)
      waiting = new Set()
      asked = 0
      await ring(ids).catch(onError)
      if (pauseMs >= 1) await delay(pauseMs)
    }
    ringing = undefined
  }

  return {
    ring(endpointIds: Iterable<string>) {
      for (const id of endpointIds) {
        waiting.add(id)
        asked += 1
      }
      if (waiting.size > 0) ringing ??= run()
    },
    /** Resolves when every ring so far has been made or dropped. */
    settled: () => ringing ?? Promise.resolve(),
  }
}
