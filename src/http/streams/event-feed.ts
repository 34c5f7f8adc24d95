interface FeedDeps {
  /** The position up to which no more events can appear. */
  horizon(): Promise<number>
  /** Which of the customers have events between the two positions. */
  arrived(customerIds: string[], after: number, upTo: number): Promise<string[]>
  intervalMs: number
  onError(error: unknown): void
}

/** One open stream's subscription to the feed. */
export interface Listener {
  /** Whether new events arrived since the last call; waits up to `ms` for one, or not at all once closed. */
  changed(ms: number): Promise<boolean>
  close(): void
}

/** The pause between polls is at least this many times the last poll's duration, to bound the load on the store. */
const PAUSE_FACTOR = 10

/**
 * Notifies streams when their customers have new events. One poll of the store serves all streams of the process;
 * without streams there is no polling.
 *
 * A listener joins before its stream first reads, so the stream itself reads whatever earlier polls found.
 */
export function createEventFeed({ horizon, arrived, intervalMs, onError }: FeedDeps) {
  const listeners = new Map<string, Set<{ wake(): void }>>()
  let position: number | undefined
  let timer: NodeJS.Timeout | undefined
  let polling = false

  async function poll(): Promise<void> {
    const next = await horizon()
    if (next === position) return
    // The first poll has no earlier position to compare with, so it wakes every stream.
    const ids = [...listeners.keys()]
    for (const id of position === undefined ? ids : await arrived(ids, position, next)) {
      for (const listener of listeners.get(id) ?? []) listener.wake()
    }
    position = next
  }

  async function run(): Promise<void> {
    timer = undefined
    polling = true
    const started = performance.now()
    await poll().catch(onError)
    polling = false
    if (listeners.size > 0) timer = setTimeout(run, Math.max(intervalMs, (performance.now() - started) * PAUSE_FACTOR))
    else position = undefined
  }

  function join(customerId: string): Listener {
    let hasNew = false
    let notify = () => {}
    const listener = {
      wake() {
        hasNew = true
        notify()
      },
    }
    const ofCustomer = listeners.get(customerId) ?? new Set()
    listeners.set(customerId, ofCustomer.add(listener))
    if (timer === undefined && !polling) void run()

    return {
      async changed(ms) {
        if (!hasNew && ofCustomer.has(listener)) {
          await new Promise<void>((resolve) => {
            const timeout = setTimeout(resolve, ms)
            notify = () => {
              clearTimeout(timeout)
              resolve()
            }
          })
        }
        const result = hasNew
        hasNew = false
        return result
      },
      close() {
        // Closed before: by now the map may hold a newer set for this customer.
        if (!ofCustomer.delete(listener)) return
        notify()
        if (ofCustomer.size === 0) listeners.delete(customerId)
      },
    }
  }

  return { join, countOf: (customerId: string) => listeners.get(customerId)?.size ?? 0 }
}
