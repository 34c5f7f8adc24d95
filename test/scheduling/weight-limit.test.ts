import { expect, test } from "vitest"
import { createWeightLimit } from "../../src/scheduling/weight-limit.ts"

/** Work that runs until it is told to end. */
function world(most: number) {
  const withinLimit = createWeightLimit(most)
  const started: string[] = []
  const add = (name: string, weight: number) => {
    const work = Promise.withResolvers<string>()
    const result = withinLimit(weight, () => {
      started.push(name)
      return work.promise
    })
    return { end: work.resolve, fail: work.reject, result }
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { add, turn, started }
}

test("work runs together up to the limit, in order of arrival", async () => {
  const { add, turn, started } = world(10)
  const first = add("first", 6)
  add("second", 4)
  add("third", 5)
  add("fourth, which would fit", 0)
  await turn()
  expect(started).toEqual(["first", "second"])
  first.end("done")
  expect(await first.result).toBe("done")
  await turn()
  expect(started).toEqual(["first", "second", "third", "fourth, which would fit"])
})

test("work above the limit runs alone", async () => {
  const { add, turn, started } = world(10)
  const small = add("small", 1)
  const large = add("large", 11)
  add("next", 1)
  await turn()
  expect(started).toEqual(["small"])
  small.end("")
  await turn()
  expect(started).toEqual(["small", "large"])
  large.end("")
  await turn()
  expect(started).toEqual(["small", "large", "next"])
})

test("work that fails makes room", async () => {
  const { add, turn, started } = world(1)
  const first = add("first", 1)
  add("second", 1)
  first.fail(new Error("the store is away"))
  await expect(first.result).rejects.toThrow("the store is away")
  await turn()
  expect(started).toEqual(["first", "second"])
})
