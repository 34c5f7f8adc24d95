interface BatcherOptions<Item, Result> {
  /** Processes all items and returns one result per item, in the same order. */
  flush(items: Item[]): Promise<Result[]>
  maxItems: number
  /** The weight of an item towards `maxWeight`. An item that is heavier than that is flushed alone. */
  weigh?(item: Item): number
  maxWeight?: number
  /** Most flushes at once. Items that arrive meanwhile wait for the next flush. */
  concurrency: number
  /** Milliseconds to collect items before a flush. By default an item that arrives alone is flushed at once. */
  lingerMs?: number
  /** Can this error be caused by a single item? Then each item is flushed again alone, so that only that one fails. */
  isolate?(error: unknown): boolean
  onFlush?(size: number): void
}

interface Waiting<Item, Result> {
  item: Item
  weight: number
  resolve(result: Result): void
  reject(reason: unknown): void
}

/**
 * Group commit: an item that arrives alone is flushed at once, and items that arrive during a flush share the next one.
 * So batches grow with the load, without a timer that delays items.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>) {
  const waiting: Waiting<Item, Result>[] = []
  let running = 0
  const idle: (() => void)[] = []
  let scheduled = false
  let timer: NodeJS.Timeout | undefined

  async function run(batch: Waiting<Item, Result>[]) {
    running += 1
    try {
      options.onFlush?.(batch.length)
      const results = await options.flush(batch.map((entry) => entry.item))
      batch.forEach((entry, index) => {
        entry.resolve(results[index] as Result)
      })
    } catch (error) {
      if (batch.length > 1 && options.isolate?.(error)) await Promise.all(batch.map((entry) => run([entry])))
      else for (const entry of batch) entry.reject(error)
    } finally {
      running -= 1
      if (options.lingerMs === undefined) next()
      else schedule()
    }
  }

  function schedule() {
    if (waiting.length === 0 || running >= options.concurrency) return settle()
    if (options.lingerMs !== undefined && waiting.length < options.maxItems) {
      timer ??= setTimeout(next, options.lingerMs)
    } else if (!scheduled) {
      // Items of the same event-loop turn share a flush.
      scheduled = true
      setImmediate(next)
    }
  }

  /** Called when no further flush can start, so items wait only while `concurrency` flushes are running. */
  function settle() {
    if (running === 0) for (const resolve of idle.splice(0)) resolve()
  }

  function next() {
    clearTimeout(timer)
    timer = undefined
    scheduled = false
    while (waiting.length > 0 && running < options.concurrency) void run(waiting.splice(0, batchSize()))
    settle()
  }

  function batchSize(): number {
    const { maxItems, maxWeight } = options
    if (maxWeight === undefined) return maxItems
    let weight = 0
    const end = waiting.findIndex((entry, index) => {
      weight += entry.weight
      return index > 0 && (index >= maxItems || weight > maxWeight)
    })
    return end === -1 ? waiting.length : end
  }

  return {
    add(item: Item): Promise<Result> {
      return new Promise((resolve, reject) => {
        waiting.push({ item, weight: options.weigh?.(item) ?? 0, resolve, reject })
        schedule()
      })
    },
    /** Resolves when no item waits and no flush is running. */
    drained(): Promise<void> {
      if (running === 0 && waiting.length === 0) return Promise.resolve()
      return new Promise((resolve) => idle.push(resolve))
    },
  }
}
