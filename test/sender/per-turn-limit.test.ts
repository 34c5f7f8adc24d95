import { expect, test } from "vitest"
import { limitPerTurn } from "../../src/sender/per-turn-limit.ts"
import { until } from "./receivers.ts"

test("items that arrive together are handled in order, a few per event-loop turn", async () => {
  let turn = 0
  const tick = () => {
    turn += 1
    if (done.length < 21) setImmediate(tick)
  }
  const done: { item: number; turn: number }[] = []
  const add = limitPerTurn((item: number) => {
    done.push({ item, turn })
    if (item === 0) add(20)
  }, 4)
  for (let item = 0; item < 20; item++) add(item)
  setImmediate(tick)
  await until(() => done.length === 21)
  expect(done.map(({ item }) => item)).toEqual(Array.from({ length: 21 }, (_, item) => item))
  for (const inOneTurn of Map.groupBy(done, (one) => one.turn).values()) expect(inOneTurn.length).toBeLessThanOrEqual(4)
})

test("items that arrive later begin a new turn", async () => {
  const done: number[] = []
  const add = limitPerTurn((item: number) => void done.push(item), 4)
  add(1)
  expect(done).toEqual([])
  await until(() => done.length === 1)
  add(2)
  await until(() => done.length === 2)
})
