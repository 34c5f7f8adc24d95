import { setTimeout as delay } from "node:timers/promises"

/** How long each endpoint of a ring puts off the next ring, and how long all of them can. */
const PAUSE_PER_ENDPOINT_MS = 0.5
const LONGEST_PAUSE_MS = 30
/** Until a wake that nobody has finished is asked about again: soon, for a wake takes a millisecond; then seldom. */
const REFUSED_PAUSES_MS = [1, 2, 4, 8]

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
  let refused = 0
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
          refused = 0
          if (pauseMs >= 1) await delay(pauseMs)
        } else {
          for (const id of ids) waiting.add(id)
          await delay(REFUSED_PAUSES_MS[refused] ?? REFUSED_PAUSES_MS.at(-1))
          refused += 1
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
