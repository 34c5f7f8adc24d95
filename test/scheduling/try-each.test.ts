import { expect, test } from "vitest"
import { tryEach } from "../../src/scheduling/try-each.ts"

test("each item is tried, one after the other, though some fail; then the first error is thrown", async () => {
  const tried: string[] = []
  const work = async (item: string) => {
    tried.push(`begin ${item}`)
    await Promise.resolve()
    tried.push(`end ${item}`)
    if (item !== "b") throw new Error(item)
  }
  await expect(tryEach(["a", "b", "c"], work)).rejects.toThrow("a")
  expect(tried).toEqual(["begin a", "end a", "begin b", "end b", "begin c", "end c"])
})
