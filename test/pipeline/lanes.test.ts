import { expect, test } from "vitest"
import { createLanes } from "../../src/pipeline/lanes.ts"

const place = (number: number) => ({ id: `ep_${number}`, customerId: `cus_${number}` })
const counts = (lanes: ReturnType<typeof createLanes>) =>
  Object.fromEntries(lanes.counts().map(({ lane, inFlight }) => [lane, inFlight]))

function world() {
  const clock = { ms: 0 }
  const served: string[] = []
  const lanes = createLanes(
    () => clock.ms,
    (endpointId) => served.push(endpointId),
  )
  return { clock, served, lanes }
}

test("an endpoint that hangs goes to the slow lane with what it has in flight, while it still hangs", () => {
  const { clock, lanes } = world()
  lanes.take(place(1), false)
  lanes.take(place(2), false)
  clock.ms = 999
  lanes.watch()
  expect(counts(lanes)).toEqual({ fast: 2, slow: 0, replay: 0 })
  clock.ms = 1_000
  lanes.watch()
  expect(counts(lanes)).toEqual({ fast: 0, slow: 2, replay: 0 })
})

test("a thousand that hang leave a healthy one its slots, and wait for each other", () => {
  const { clock, lanes } = world()
  for (let number = 0; number < 1_000; number++) lanes.take(place(number), false)
  clock.ms = 2_000
  lanes.watch()
  const more = Array.from({ length: 1_000 }, (_, number) => lanes.take(place(number), false))
  expect(more.filter(Boolean)).toEqual([])
  for (let slot = 0; slot < 32; slot++) expect(lanes.take(place(5_000), false)).toBeDefined()
})

test("a slow one is served when another gives a slot back, and comes back to the fast lane when it is fast again", () => {
  const { clock, served, lanes } = world()
  const tickets = Array.from({ length: 600 }, (_, number) => lanes.take(place(number), false))
  clock.ms = 1_500
  lanes.watch()
  expect(lanes.take(place(0), false)).toBeUndefined()
  served.length = 0
  for (const ticket of tickets.slice(1, 100)) if (ticket) lanes.giveBack(ticket)
  expect(served).toEqual(["ep_0"])
  for (let count = 0; count < 5; count++) {
    const ticket = lanes.take(place(1), false)
    clock.ms += 10
    if (ticket) lanes.giveBack(ticket)
  }
  lanes.take(place(1), false)
  expect(counts(lanes).fast).toBe(1)
})

test("replays have slots of their own, and leave the others to what is new", () => {
  const { lanes } = world()
  let replays = 0
  for (let number = 0; number < 200; number++) if (lanes.take(place(number), true)) replays += 1
  expect(replays).toBe(64)
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: 64 })
  expect(lanes.take(place(0), false)).toBeDefined()
})
