/** The pause after a wake: this much for each requested endpoint, up to a maximum. */
const PAUSE_PER_ENDPOINT_MS = 0.5
const MAX_PAUSE_MS = 30
/** While the last wake is not processed, the next one is tried after 1 ms, then at doubled intervals up to this. */
const MAX_RETRY_PAUSE_MS = 8

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface WakerDeps {
  /** Resolves with false if the last wake is not processed yet; then nothing was sent. */
  wake(endpointIds: string[]): Promise<boolean>
  onError(error: unknown): void
}

/**
 * Combines wakes: endpoints that are requested while a wake is being sent, is not processed yet or was just sent go
 * into the next one. A quiet endpoint is woken at once, and busy ones cost little. A failed wake is dropped: the
 * sweeper finds what is due.
 */
export function createWaker({ wake, onError }: WakerDeps) {
  let waiting = new Set<string>()
  let requests = 0
  let retries = 0
  let running: Promise<void> | undefined
  let closed = false

  async function run() {
    while (waiting.size > 0 && !closed) {
      const ids = waiting
      const pauseMs = Math.min(requests * PAUSE_PER_ENDPOINT_MS, MAX_PAUSE_MS)
      waiting = new Set()
      requests = 0
      try {
        if (await wake([...ids])) {
          retries = 0
          if (pauseMs >= 1) await pause(pauseMs)
        } else {
          for (const id of ids) waiting.add(id)
          await pause(Math.min(2 ** retries, MAX_RETRY_PAUSE_MS))
          retries += 1
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
        requests += 1
      }
      if (waiting.size > 0) running ??= run()
    },
    /** Sends no further wakes; resolves when the current one is sent. */
    async close() {
      closed = true
      await running
    },
  }
}
