interface RingerDeps {
  ring(endpointIds: string[]): Promise<void>
  onError(error: unknown): void
}

/**
 * Collects rings while a call to the queue is under way, so that a busy endpoint costs one ring a round trip and not
 * one an event. A ring that fails is dropped: the sweeper finds what is due.
 */
export function createRinger({ ring, onError }: RingerDeps) {
  let waiting = new Set<string>()
  let ringing: Promise<void> | undefined

  async function run() {
    while (waiting.size > 0) {
      const ids = [...waiting]
      waiting = new Set()
      await ring(ids).catch(onError)
    }
    ringing = undefined
  }

  return {
    ring(endpointIds: Iterable<string>) {
      for (const id of endpointIds) waiting.add(id)
      if (waiting.size > 0) ringing ??= run()
    },
    /** Resolves when every ring so far has been made or dropped. */
    settled: () => ringing ?? Promise.resolve(),
  }
}
