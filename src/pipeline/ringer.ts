import { setTimeout as delay } from "node:timers/promises"

/** How long each endpoint of a ring puts off the next ring, and how long all of them can. */
const PAUSE_PER_ENDPOINT_MS = 0.5
const LONGEST_PAUSE_MS = 30
/** Until a wake that nobody has finished is asked about again: a dispatcher is busy, or there is none. */
const REFUSED_PAUSE_MS = 5

interface RingerDeps {
  /** False where the last ring has not been heard yet. */
  ring(endpointIds: string[]): Promise<boolean>
  onError(error: unknown): void
}

/**
 * Rings endpoints together: all that come while a ring is under way, unheard or just made go into the next. So a quiet
 * endpoint is rung at once, and busy ones cost little. A ring that fails is dropped: the sweeper finds what is due.
 */
export function createRinger({ ring, onError }: RingerDeps) {
  let waiting = new Set<string>()
  let asked = 0
  let ringing: Promise<void> | undefined
  let closed = false

  async function run() {
    while (waiting.size > 0 && !closed) {
      const ids = waiting
      const pauseMs = Math.min(asked * PAUSE_PER_ENDPOINT_MS, LONGEST_PAUSE_MS)
      waiting = new Set()
      asked = 0
      try {
        if (await ring([...ids])) {
          if (pauseMs >= 1) await delay(pauseMs)
        } else {
          for (const id of ids) waiting.add(id)
          await delay(REFUSED_PAUSE_MS)
        }
      } catch (error) {
        onError(error)
      }
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
    /** Rings no more; resolves when the ring under way is made. */
    async close() {
      closed = true
      await ringing
    },
  }
}
