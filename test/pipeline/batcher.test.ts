import { describe, expect, test } from "vitest"
import { createBatcher } from "../../src/pipeline/batcher.ts"

/** A flush that ends when the test says so. */
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
  test("sends an item alone when nothing is under way", async () => {
    const batcher = createBatcher({ flush: async (items: number[]) => items, maxItems: 10, concurrency: 1 })
    expect(await batcher.add(7)).toBe(7)
  })

  test("puts what arrives during a flush into the next one, and answers each item with its own result", async () => {
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

  test("never makes a batch larger than allowed, nor more flushes at once", async () => {
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

  test("a failed flush fails its own items and not the next ones", async () => {
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

  test("an item that is refused for itself fails alone", async () => {
    const flush = async (items: number[]) => {
      if (items.includes(13)) throw new Error("13 is refused")
      return items
    }
    const batcher = createBatcher({ flush, maxItems: 10, concurrency: 1, isolate: () => true })
    const results = await Promise.allSettled([12, 13, 14].map((item) => batcher.add(item)))
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
  })

  test("is drained only when nothing waits and nothing is under way", async () => {
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
})
