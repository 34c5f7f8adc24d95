import fc from "fast-check"
import { afterEach, describe, expect, test, vi } from "vitest"
import { createBatcher } from "../../src/scheduling/batcher.ts"

/** A flush that ends when the test resolves it. */
function gated() {
  const flushes: { items: number[]; end(): void; fail(error: Error): void }[] = []
  const flush = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      flushes.push({ items, end: () => resolve(items.map((item) => `done ${item}`)), fail: reject })
    })
  return { flushes, flush }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe("batcher", () => {
  test("flushes an item alone when no flush is running", async () => {
    const batcher = createBatcher({ flush: async (items: number[]) => items, maxItems: 10, concurrency: 1 })
    expect(await batcher.add(7)).toBe(7)
    expect(await batcher.add(8)).toBe(8)
  })

  test("puts items that arrive during a flush into the next one, and returns each item its own result", async () => {
    const { flushes, flush } = gated()
    const batcher = createBatcher({ flush, maxItems: 10, concurrency: 1 })
    const first = batcher.add(1)
    await turn()
    const others = [batcher.add(2), batcher.add(3)]
    await turn()
    expect(flushes.map(({ items }) => items)).toEqual([[1]])
    flushes[0]?.end()
    expect(await first).toBe("done 1")
    expect(flushes[1]?.items).toEqual([2, 3])
    flushes[1]?.end()
    expect(await Promise.all(others)).toEqual(["done 2", "done 3"])
  })

  test("never exceeds the batch size or the number of flushes at once", async () => {
    const { flushes, flush } = gated()
    const batcher = createBatcher({ flush, maxItems: 2, concurrency: 2 })
    const all = [1, 2, 3, 4, 5].map((item) => batcher.add(item))
    await turn()
    expect(flushes.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4],
    ])
    for (const { end } of flushes) end()
    await turn()
    flushes[2]?.end()
    expect(await Promise.all(all)).toHaveLength(5)
  })

  test("ends a batch before the item that would make it too heavy; a heavier item is flushed alone", async () => {
    const { flushes, flush } = gated()
    const limits = { maxItems: 3, weigh: (item: number) => item, maxWeight: 10 }
    const batcher = createBatcher({ flush, ...limits, concurrency: 9 })
    for (const item of [4, 6, 1, 30, 40, 2, 2, 2, 2]) void batcher.add(item)
    await turn()
    expect(flushes.map(({ items }) => items)).toEqual([[4, 6], [1], [30], [40], [2, 2, 2], [2]])
  })

  test("a failed flush fails its own items, and not those of the next flush", async () => {
    const { flushes, flush } = gated()
    const batcher = createBatcher({ flush, maxItems: 10, concurrency: 1 })
    const lost = batcher.add(1)
    await turn()
    const kept = batcher.add(2)
    flushes[0]?.fail(new Error("gone"))
    await expect(lost).rejects.toThrow("gone")
    await turn()
    flushes[1]?.end()
    expect(await kept).toBe("done 2")
  })

  test("an item that causes an isolated error fails alone", async () => {
    const flush = async (items: number[]) => {
      if (items.includes(13)) throw new Error("13 is refused")
      return items
    }
    const batcher = createBatcher({ flush, maxItems: 10, concurrency: 1, isolate: () => true })
    const results = await Promise.allSettled([12, 13, 14].map((item) => batcher.add(item)))
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
  })

  test("is drained only when no item waits and no flush is running", async () => {
    const { flushes, flush } = gated()
    const batcher = createBatcher({ flush, maxItems: 1, concurrency: 1 })
    const all = [batcher.add(1), batcher.add(2)]
    let drained = false
    const waiting = batcher.drained().then(() => {
      drained = true
    })
    await turn()
    flushes[0]?.end()
    await turn()
    expect(drained).toBe(false)
    flushes[1]?.end()
    await waiting
    await Promise.all(all)
  })

  test("is drained if nothing was ever added", async () => {
    const batcher = createBatcher({ flush: async (items: number[]) => items, maxItems: 1, concurrency: 1 })
    await batcher.drained()
  })

  test("in any history, each item gets the result of its own flush, in order and within the limits", async () => {
    const acts = fc.array(fc.constantFrom("add", "add", "turn", "end", "fail"), { maxLength: 60, size: "max" })
    const limit = fc.integer({ min: 1, max: 3 })
    await fc.assert(
      fc.asyncProperty(acts, limit, limit, async (given, maxItems, concurrency) => {
        const { flushes, flush } = gated()
        const shared: number[] = []
        const onFlush = (size: number) => shared.push(size)
        const batcher = createBatcher({ flush, maxItems, concurrency, onFlush })
        const answers: Promise<string>[] = []
        const expected: string[] = []
        let ended = 0
        const end = (fails: boolean) => {
          const ending = flushes[ended]
          if (!ending) return
          ended += 1
          for (const item of ending.items) expected[item] = fails ? "failed" : `done ${item}`
          if (fails) ending.fail(new Error("no"))
          else ending.end()
        }
        for (const act of given) {
          if (act === "add") answers.push(batcher.add(answers.length).catch(() => "failed"))
          else if (act === "turn") await turn()
          else end(act === "fail")
          expect(flushes.length - ended).toBeLessThanOrEqual(concurrency)
        }
        const drained = batcher.drained()
        for (await turn(); ended < flushes.length; await turn()) end(false)
        await drained
        expect(await Promise.all(answers)).toEqual(expected)
        expect(flushes.flatMap(({ items }) => items)).toEqual(answers.map((_, item) => item))
        expect(shared).toEqual(flushes.map(({ items }) => items.length))
        expect(Math.max(0, ...shared)).toBeLessThanOrEqual(maxItems)
      }),
    )
  })
})

describe("a batcher that lingers", () => {
  function gathering(maxItems: number) {
    vi.useFakeTimers()
    const { flushes, flush } = gated()
    const batcher = createBatcher({ flush, maxItems, concurrency: 1, lingerMs: 10 })
    return { flushes, batcher, flushed: () => flushes.map(({ items }) => items) }
  }
  afterEach(() => {
    vi.useRealTimers()
  })

  test("flushes the items collected in one linger time, then those of the next", async () => {
    const { flushes, batcher, flushed } = gathering(10)
    void batcher.add(1)
    await vi.advanceTimersByTimeAsync(9)
    void batcher.add(2)
    expect(flushed()).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    flushes[0]?.end()
    await vi.advanceTimersByTimeAsync(0)
    void batcher.add(3)
    await vi.advanceTimersByTimeAsync(10)
    expect(flushed()).toEqual([[1, 2], [3]])
  })

  test("flushes a full batch at once, and later items wait the whole linger time", async () => {
    const { flushes, batcher, flushed } = gathering(2)
    void batcher.add(1)
    await vi.advanceTimersByTimeAsync(5)
    void batcher.add(2)
    await vi.advanceTimersByTimeAsync(0)
    expect(flushed()).toEqual([[1, 2]])
    flushes[0]?.end()
    await vi.advanceTimersByTimeAsync(1)
    void batcher.add(3)
    await vi.advanceTimersByTimeAsync(9)
    expect(flushed()).toEqual([[1, 2]])
    await vi.advanceTimersByTimeAsync(1)
    expect(flushed()).toEqual([[1, 2], [3]])
  })

  test("collects items that arrived during a flush from the end of that flush", async () => {
    const { flushes, batcher, flushed } = gathering(10)
    void batcher.add(1)
    await vi.advanceTimersByTimeAsync(10)
    void batcher.add(2)
    await vi.advanceTimersByTimeAsync(5)
    flushes[0]?.end()
    await vi.advanceTimersByTimeAsync(9)
    expect(flushed()).toEqual([[1]])
    await vi.advanceTimersByTimeAsync(1)
    expect(flushed()).toEqual([[1], [2]])
  })

  test("is drained when the collected items are flushed", async () => {
    const { flushes, batcher } = gathering(10)
    const added = batcher.add(1)
    const drained = batcher.drained()
    await vi.advanceTimersByTimeAsync(10)
    flushes[0]?.end()
    await drained
    expect(await added).toBe("done 1")
  })
})
