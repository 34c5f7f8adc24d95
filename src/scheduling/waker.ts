/** How long each endpoint of a ring puts off the next ring, and how long all of them can. */
const PAUSE_PER_ENDPOINT_MS = 0.5
const LONGEST_PAUSE_MS = 30
/** A wake that nobody has finished is asked about again after a millisecond, for it takes no longer; then more seldom. */
const LONGEST_REFUSED_PAUSE_MS = 8

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

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
          if (pauseMs >= 1) await pause(pauseMs)
        } else {
          for (const id of ids) waiting.add(id)
          await pause(Math.min(2 ** refused, LONGEST_REFUSED_PAUSE_MS))
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
