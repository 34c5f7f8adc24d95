interface FeedDeps {
  /** The place up to which nothing appears any more. */
  horizon(): Promise<number>
  arrived(customerIds: string[], after: number, upTo: number): Promise<string[]>
  everyMs: number
  onError(error: unknown): void
}

/** One open stream, as the feed knows it. */
export interface Listener {
  /** Waits for events of the customer since the last call, for `ms` at most; closed, not at all. False where there were none. */
  changed(ms: number): Promise<boolean>
  close(): void
}

/** So many times longer than a look took is waited before the next, so that thousands of streams cannot fill the store. */
const REST = 10

/**
 * Tells streams that their customers have new events. One look serves all streams of the process, and while there are
 * none, nobody looks.
 *
 * A listener joins before its stream reads, so what a look found earlier, the stream reads itself.
 */
export function createEventFeed({ horizon, arrived, everyMs, onError }: FeedDeps) {
  const listeners = new Map<string, Set<{ wake(): void }>>()
  let position: number | undefined
  let timer: NodeJS.Timeout | undefined
  let looking = false

  async function look(): Promise<void> {
    const next = await horizon()
    if (next === position) return
    // At first it is not known what is new, so everyone looks.
    const ids = [...listeners.keys()]
    for (const id of position === undefined ? ids : await arrived(ids, position, next)) {
      for (const listener of listeners.get(id) ?? []) listener.wake()
    }
    position = next
  }

  async function run(): Promise<void> {
    timer = undefined
    looking = true
    const started = performance.now()
    await look().catch(onError)
    looking = false
    if (listeners.size > 0) timer = setTimeout(run, Math.max(everyMs, (performance.now() - started) * REST))
    else position = undefined
  }

  function join(customerId: string): Listener {
    let news = false
    let notify = () => {}
    const listener = {
      wake() {
        news = true
        notify()
      },
    }
    const theirs = listeners.get(customerId) ?? new Set()
    listeners.set(customerId, theirs.add(listener))
    if (timer === undefined && !looking) void run()

    return {
      async changed(ms) {
        if (!news && theirs.has(listener)) {
          await new Promise<void>((resolve) => {
            const late = setTimeout(resolve, ms)
            notify = () => {
              clearTimeout(late)
              resolve()
            }
          })
        }
        const had = news
        news = false
        return had
      },
      close() {
        // Others of the customer may have come since.
        if (!theirs.delete(listener)) return
        notify()
        if (theirs.size === 0) listeners.delete(customerId)
      },
    }
  }

  return { join, countOf: (customerId: string) => listeners.get(customerId)?.size ?? 0 }
}
