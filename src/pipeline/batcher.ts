interface BatcherOptions<Item, Result> {
  /** Writes all items; the results answer to the items by position. */
  flush(items: Item[]): Promise<Result[]>
  maxItems: number
  /** How many flushes may be under way at once. While all are, what arrives waits and goes together. */
  concurrency: number
  onFlush?(size: number): void
}

interface Waiting<Item, Result> {
  item: Item
  resolve(result: Result): void
  reject(reason: unknown): void
}

/**
 * Group commit: an item alone goes at once, items that arrive while a flush is under way share the next one. So the
 * batch grows with the load by itself, and no timer delays anyone.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>) {
  let waiting: Waiting<Item, Result>[] = []
  let running = 0
  let idle: (() => void)[] = []
  let scheduled = false

  async function run(batch: Waiting<Item, Result>[]) {
    running += 1
    try {
      options.onFlush?.(batch.length)
      const results = await options.flush(batch.map((entry) => entry.item))
      batch.forEach((entry, index) => {
        entry.resolve(results[index] as Result)
      })
    } catch (error) {
      for (const entry of batch) entry.reject(error)
    } finally {
      running -= 1
      next()
    }
  }

  function next() {
    scheduled = false
    while (waiting.length > 0 && running < options.concurrency) {
      const batch = waiting.length <= options.maxItems ? waiting : waiting.slice(0, options.maxItems)
      waiting = waiting.length <= options.maxItems ? [] : waiting.slice(options.maxItems)
      void run(batch)
    }
    if (running === 0 && waiting.length === 0) {
      for (const resolve of idle) resolve()
      idle = []
    }
  }

  return {
    add(item: Item): Promise<Result> {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        // What the same turn of the event loop brings belongs together.
        if (!scheduled && running < options.concurrency) {
          scheduled = true
          setImmediate(next)
        }
      })
    },
    /** Resolves when nothing waits and nothing is under way. */
    drained(): Promise<void> {
      if (running === 0 && waiting.length === 0) return Promise.resolve()
      return new Promise((resolve) => idle.push(resolve))
    },
  }
}
