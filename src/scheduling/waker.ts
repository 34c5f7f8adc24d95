/** How long each endpoint of a wake puts off the next wake, and how long all of them can. */
const PAUSE_PER_ENDPOINT_MS = 0.5
const LONGEST_PAUSE_MS = 30
/** A wake that nobody has finished is asked about again after a millisecond, for it takes no longer; then more seldom. */
const LONGEST_REFUSED_PAUSE_MS = 8

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface WakerDeps {
  /** False where the last wake has not been heard yet. */
  wake(endpointIds: string[]): Promise<boolean>
  onError(error: unknown): void
}

/**
 * Wakes endpoints together: all that come while a wake is under way, unheard or just made go into the next. So a quiet
 * endpoint is woken at once, and busy ones cost little. A wake that fails is dropped: the sweeper finds what is due.
 */
export function createWaker({ wake, onError }: WakerDeps) {
  let waiting = new Set<string>()
  let asked = 0
  let refused = 0
  let running: Promise<void> | undefined
  let closed = false

  async function run() {
    while (waiting.size > 0 && !closed) {
      const ids = waiting
      const pauseMs = Math.min(asked * PAUSE_PER_ENDPOINT_MS, LONGEST_PAUSE_MS)
      waiting = new Set()
      asked = 0
      try {
        if (await wake([...ids])) {
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
    running = undefined
  }

  return {
    wake(endpointIds: Iterable<string>) {
      for (const id of endpointIds) {
        waiting.add(id)
        asked += 1
      }
      if (waiting.size > 0) running ??= run()
    },
    /** Wakes no more; resolves when the wake under way is made. */
    async close() {
      closed = true
      await running
    },
  }
}
