interface BatcherOptions<Item, Result> {
  /** Writes all items; the results answer to the items by position. */
  flush(items: Item[]): Promise<Result[]>
  maxItems: number
  /** What an item counts for towards `maxWeight`; one that is heavier goes alone. */
  weigh?(item: Item): number
  maxWeight?: number
  /** How many flushes may be under way at once. While all are, what arrives waits and goes together. */
  concurrency: number
  /** What nobody waits for may gather for so long, in milliseconds. By default what arrives alone goes at once. */
  lingerMs?: number
  /** Is this error one item's own? Then each is flushed again alone, so that it fails no other. */
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
 * Group commit: an item alone goes at once, items that arrive while a flush is under way share the next one. So the
 * batch grows with the load by itself, and no timer delays anyone.
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
      // What the same turn of the event loop brings belongs together.
      scheduled = true
      setImmediate(next)
    }
  }

  /** Where this is called, something waits only while all flushes are under way. */
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
    /** Resolves when nothing waits and nothing is under way. */
    drained(): Promise<void> {
      if (running === 0 && waiting.length === 0) return Promise.resolve()
      return new Promise((resolve) => idle.push(resolve))
    },
  }
}
