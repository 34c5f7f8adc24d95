import { expect, test } from "vitest"
import { createLanes } from "../../src/dispatch/lanes.ts"

const place = (number: number) => ({ id: `ep_${number}`, customerId: `cus_${number}` })
const counts = (lanes: Lanes) => Object.fromEntries(lanes.counts().map(({ lane, inFlight }) => [lane, inFlight]))

type Lanes = ReturnType<typeof createLanes>

/** As many slots as an endpoint gets. */
function takeAll(lanes: Lanes, endpoint: ReturnType<typeof place>, isReplay = false) {
  const tickets: NonNullable<ReturnType<Lanes["take"]>>[] = []
  for (let one = lanes.take(endpoint, isReplay); one; one = lanes.take(endpoint, isReplay)) tickets.push(one)
  return tickets
}

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
  expect(counts(lanes)).toEqual({ fast: 2, slow: 0, replay: 0, big: 0 })
  clock.ms = 1_000
  lanes.watch()
  expect(counts(lanes)).toEqual({ fast: 0, slow: 2, replay: 0, big: 0 })
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
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: 64, big: 0 })
  expect(lanes.take(place(0), false)).toBeDefined()
})

test("who hangs leaves its slots to those that wait for them", () => {
  const { clock, served, lanes } = world()
  for (let number = 0; number < 20; number++) takeAll(lanes, place(number))
  clock.ms = 500
  expect(takeAll(lanes, place(100))).toHaveLength(2)
  clock.ms = 1_000
  lanes.watch()
  expect(served).toContain("ep_100")
})

test("who waits in one lane and goes to another may ask there at once", () => {
  const { clock, served, lanes } = world()
  takeAll(lanes, place(1))
  clock.ms = 1_000
  lanes.watch()
  expect(served).toEqual(["ep_1"])
})

test("a request that was answered does not hang, however long ago it was sent", () => {
  const { clock, lanes } = world()
  for (const ticket of [lanes.take(place(1), false)]) if (ticket) lanes.giveBack(ticket)
  clock.ms = 2_000
  lanes.watch()
  lanes.take(place(1), false)
  expect(counts(lanes)).toEqual({ fast: 1, slow: 0, replay: 0, big: 0 })
})

test("one request that hangs counts once: beside it an endpoint that answers fast is a fast one again", () => {
  const { clock, lanes } = world()
  lanes.take(place(1), false)
  clock.ms = 1_000
  lanes.watch()
  for (let count = 0; count < 5; count++) {
    const ticket = lanes.take(place(1), false)
    clock.ms += 10
    if (ticket) lanes.giveBack(ticket)
  }
  lanes.watch()
  expect(counts(lanes)).toEqual({ fast: 1, slow: 0, replay: 0, big: 0 })
})

test("of an endpoint that rests only is remembered that it is slow", () => {
  const { clock, lanes } = world()
  const answer = (number: number, afterMs: number) => {
    const ticket = lanes.take(place(number), false)
    clock.ms += afterMs
    if (ticket) lanes.giveBack(ticket)
  }
  // A mean of 0.9 s, and of 1.2 s.
  for (const afterMs of [1_000, 1_000, 1_000, 1_000, 1_200]) answer(1, afterMs)
  for (const afterMs of [2_000, 2_000, 2_000]) answer(2, afterMs)
  for (const number of [1, 2]) lanes.forget(`ep_${number}`)
  answer(1, 2_000)
  for (const number of [1, 2]) lanes.take(place(number), false)
  expect(counts(lanes)).toEqual({ fast: 1, slow: 1, replay: 0, big: 0 })
})

test("a slow endpoint has an eighth of the slots for slow ones at most, and a quarter of those for replays", () => {
  const { clock, lanes } = world()
  lanes.take(place(1), false)
  clock.ms = 1_000
  lanes.watch()
  // A part of those that are free, so the more it has, the less it may add.
  expect(takeAll(lanes, place(1))).toHaveLength(56)
  expect(takeAll(lanes, place(1), true)).toHaveLength(13)
})

test("a replay gives its slot back to replays", () => {
  const { served, lanes } = world()
  const replays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((number) => takeAll(lanes, place(number), true))
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: replays.length, big: 0 })
  for (const ticket of replays) lanes.giveBack(ticket)
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: 0, big: 0 })
  expect(served).toContain("ep_10")
})

const MB = 1024 * 1024

test("big ones share 128 MB, whoever sends them and however: half of it a customer, what is small beside them", () => {
  const { lanes } = world()
  const sent = (customer: number) =>
    Array.from({ length: 100 }, (_, number) =>
      lanes.take({ id: `ep_${customer}_${number}`, customerId: `cus_${customer}` }, number % 2 === 0, 4 * MB),
    ).filter(Boolean).length
  expect([sent(1), sent(2), sent(3)]).toEqual([16, 8, 4])
  expect(lanes.take(place(4), false, 20_000)).toBeDefined()
  expect(lanes.take({ id: "ep_1_99", customerId: "cus_1" }, false)).toBeDefined()
})

test("a big one that is answered lets another go, though its endpoint became slow meanwhile", () => {
  const { clock, served, lanes } = world()
  const customer = (number: number) => ({ id: `ep_${number}`, customerId: "cus_1" })
  const tickets = Array.from({ length: 16 }, (_, number) => lanes.take(customer(number), false, 4 * MB))
  expect(lanes.take(customer(16), false, 4 * MB)).toBeUndefined()
  clock.ms = 1_000
  lanes.watch()
  served.length = 0
  for (const ticket of tickets) if (ticket) lanes.giveBack(ticket)
  expect(served).toEqual(["ep_16"])
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: 0, big: 0 })
})

test("who wants nothing any more waits in no lane", () => {
  const { clock, served, lanes } = world()
  const waiting = () => Object.fromEntries(lanes.counts().map(({ lane, waiting }) => [lane, waiting]))
  const hanging = takeAll(lanes, place(1))
  clock.ms = 1_000
  lanes.watch()
  takeAll(lanes, place(1))
  const replays = takeAll(lanes, place(1), true)
  takeAll(lanes, place(2))
  expect(waiting()).toEqual({ fast: 1, slow: 1, replay: 1, big: 0 })
  for (const number of [1, 2]) lanes.leaveLine(`ep_${number}`)
  expect(waiting()).toEqual({ fast: 0, slow: 0, replay: 0, big: 0 })
  served.length = 0
  for (const [ticket] of [hanging, replays]) if (ticket) lanes.giveBack(ticket)
  expect(served).toEqual([])
})
