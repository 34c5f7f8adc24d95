import { expect, test } from "vitest"
import { createIdSource } from "../../src/app/id-source.ts"

const NOW = 1_790_000_000_000

test("ids sort in the order in which they were asked for, also within a millisecond and under a clock that is set back", () => {
  const times = [NOW, NOW, NOW, NOW + 1, NOW - 600_000, NOW + 1, NOW + 2]
  let index = 0
  const newId = createIdSource(() => times[index++] ?? NOW)
  const ids = times.map(() => newId("dlv"))
  expect(ids.toSorted()).toEqual(ids)
})

test("no id comes twice, and the order holds, when there are more in a millisecond than it counts", () => {
  const newId = createIdSource(() => NOW)
  const ids = Array.from({ length: 70_000 }, () => newId("dlv"))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? ""))).toBe(true)
})
