import { expect, test } from "vitest"
import { createLanes } from "../../src/dispatch/lanes.ts"

const owner = (number: number) => ({ id: `ep_${number}`, customerId: `cus_${number}` })
const counts = (lanes: Lanes) => Object.fromEntries(lanes.counts().map(({ lane, inFlight }) => [lane, inFlight]))

type Lanes = ReturnType<typeof createLanes>

/** Takes as many slots as the endpoint gets. */
function acquireAll(lanes: Lanes, endpoint: ReturnType<typeof owner>, isReplay = false) {
  const tickets: NonNullable<ReturnType<Lanes["acquire"]>>[] = []
  for (let one = lanes.acquire(endpoint, isReplay); one; one = lanes.acquire(endpoint, isReplay)) tickets.push(one)
  return tickets
}

function world() {
  const clock = { ms: 0 }
  const offered: string[] = []
  const lanes = createLanes(
    () => clock.ms,
    (endpointId) => offered.push(endpointId),
  )
  return { clock, offered, lanes }
}

test("an endpoint with a hanging request moves to the slow lane before the request ends", () => {
  const { clock, lanes } = world()
  lanes.acquire(owner(1), false)
  lanes.acquire(owner(2), false)
  clock.ms = 999
  lanes.detectHanging()
  expect(counts(lanes)).toEqual({ fast: 2, slow: 0, replay: 0, big: 0 })
  clock.ms = 1_000
  lanes.detectHanging()
  expect(counts(lanes)).toEqual({ fast: 0, slow: 2, replay: 0, big: 0 })
})

test("a thousand hanging endpoints leave a healthy one its slots, and wait for each other", () => {
  const { clock, lanes } = world()
  for (let number = 0; number < 1_000; number++) lanes.acquire(owner(number), false)
  clock.ms = 2_000
  lanes.detectHanging()
  const more = Array.from({ length: 1_000 }, (_, number) => lanes.acquire(owner(number), false))
  expect(more.filter(Boolean)).toEqual([])
  for (let slot = 0; slot < 32; slot++) expect(lanes.acquire(owner(5_000), false)).toBeDefined()
})

test("a slow endpoint gets a released slot, and returns to the fast lane when it is fast again", () => {
  const { clock, offered, lanes } = world()
  const tickets = Array.from({ length: 600 }, (_, number) => lanes.acquire(owner(number), false))
  clock.ms = 1_500
  lanes.detectHanging()
  expect(lanes.acquire(owner(0), false)).toBeUndefined()
  offered.length = 0
  for (const ticket of tickets.slice(1, 100)) if (ticket) lanes.release(ticket)
  expect(offered).toEqual(["ep_0"])
  for (let count = 0; count < 5; count++) {
    const ticket = lanes.acquire(owner(1), false)
    clock.ms += 10
    if (ticket) lanes.release(ticket)
  }
  lanes.acquire(owner(1), false)
  expect(counts(lanes).fast).toBe(1)
})

test("replays have slots of their own and use no others", () => {
  const { lanes } = world()
  let replays = 0
  for (let number = 0; number < 200; number++) if (lanes.acquire(owner(number), true)) replays += 1
  expect(replays).toBe(64)
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: 64, big: 0 })
  expect(lanes.acquire(owner(0), false)).toBeDefined()
})

test("a hanging endpoint leaves its fast slots to those that wait for them", () => {
  const { clock, offered, lanes } = world()
  for (let number = 0; number < 20; number++) acquireAll(lanes, owner(number))
  clock.ms = 500
  expect(acquireAll(lanes, owner(100))).toHaveLength(2)
  clock.ms = 1_000
  lanes.detectHanging()
  expect(offered).toContain("ep_100")
})

test("an endpoint that moves to another lane while it waits may try there at once", () => {
  const { clock, offered, lanes } = world()
  acquireAll(lanes, owner(1))
  clock.ms = 1_000
  lanes.detectHanging()
  expect(offered).toEqual(["ep_1"])
})

test("a request that was answered does not hang, however long ago it was sent", () => {
  const { clock, lanes } = world()
  for (const ticket of [lanes.acquire(owner(1), false)]) if (ticket) lanes.release(ticket)
  clock.ms = 2_000
  lanes.detectHanging()
  lanes.acquire(owner(1), false)
  expect(counts(lanes)).toEqual({ fast: 1, slow: 0, replay: 0, big: 0 })
})

test("a hanging request counts once: an endpoint whose other answers are fast becomes fast again", () => {
  const { clock, lanes } = world()
  lanes.acquire(owner(1), false)
  clock.ms = 1_000
  lanes.detectHanging()
  for (let count = 0; count < 5; count++) {
    const ticket = lanes.acquire(owner(1), false)
    clock.ms += 10
    if (ticket) lanes.release(ticket)
  }
  lanes.detectHanging()
  expect(counts(lanes)).toEqual({ fast: 1, slow: 0, replay: 0, big: 0 })
})

test("of an endpoint without requests only slowness is remembered", () => {
  const { clock, lanes } = world()
  const answer = (number: number, afterMs: number) => {
    const ticket = lanes.acquire(owner(number), false)
    clock.ms += afterMs
    if (ticket) lanes.release(ticket)
  }
  // A mean of 0.9 s for the first, and of 1.2 s for the second.
  for (const afterMs of [1_000, 1_000, 1_000, 1_000, 1_200]) answer(1, afterMs)
  for (const afterMs of [2_000, 2_000, 2_000]) answer(2, afterMs)
  for (const number of [1, 2]) lanes.forget(`ep_${number}`)
  answer(1, 2_000)
  for (const number of [1, 2]) lanes.acquire(owner(number), false)
  expect(counts(lanes)).toEqual({ fast: 1, slow: 1, replay: 0, big: 0 })
})

test("a slow endpoint gets at most an eighth of the free slow slots, and a quarter of the free replay slots", () => {
  const { clock, lanes } = world()
  lanes.acquire(owner(1), false)
  clock.ms = 1_000
  lanes.detectHanging()
  // The part is taken of the free slots, so the more the endpoint has, the less it may add.
  expect(acquireAll(lanes, owner(1))).toHaveLength(56)
  expect(acquireAll(lanes, owner(1), true)).toHaveLength(13)
})

test("a replay releases its slot to replays", () => {
  const { offered, lanes } = world()
  const replays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((number) => acquireAll(lanes, owner(number), true))
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: replays.length, big: 0 })
  for (const ticket of replays) lanes.release(ticket)
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: 0, big: 0 })
  expect(offered).toContain("ep_10")
})

const MB = 1024 * 1024

test("big events share 128 MB, replayed or not, of which a customer gets half; small ones are unaffected", () => {
  const { lanes } = world()
  const sent = (customer: number) =>
    Array.from({ length: 100 }, (_, number) =>
      lanes.acquire({ id: `ep_${customer}_${number}`, customerId: `cus_${customer}` }, number % 2 === 0, 4 * MB),
    ).filter(Boolean).length
  expect([sent(1), sent(2), sent(3)]).toEqual([16, 8, 4])
  expect(lanes.acquire(owner(4), false, 20_000)).toBeDefined()
  expect(lanes.acquire({ id: "ep_1_99", customerId: "cus_1" }, false)).toBeDefined()
})

test("an answered big event lets another one go, even if its endpoint became slow meanwhile", () => {
  const { clock, offered, lanes } = world()
  const customer = (number: number) => ({ id: `ep_${number}`, customerId: "cus_1" })
  const tickets = Array.from({ length: 16 }, (_, number) => lanes.acquire(customer(number), false, 4 * MB))
  expect(lanes.acquire(customer(16), false, 4 * MB)).toBeUndefined()
  clock.ms = 1_000
  lanes.detectHanging()
  offered.length = 0
  for (const ticket of tickets) if (ticket) lanes.release(ticket)
  expect(offered).toEqual(["ep_16"])
  expect(counts(lanes)).toEqual({ fast: 0, slow: 0, replay: 0, big: 0 })
})

test("an endpoint that needs no slot any more waits in no lane", () => {
  const { clock, offered, lanes } = world()
  const waiting = () => Object.fromEntries(lanes.counts().map(({ lane, waiting }) => [lane, waiting]))
  const hanging = acquireAll(lanes, owner(1))
  clock.ms = 1_000
  lanes.detectHanging()
  acquireAll(lanes, owner(1))
  const replays = acquireAll(lanes, owner(1), true)
  acquireAll(lanes, owner(2))
  expect(waiting()).toEqual({ fast: 1, slow: 1, replay: 1, big: 0 })
  for (const number of [1, 2]) lanes.stopWaiting(`ep_${number}`)
  expect(waiting()).toEqual({ fast: 0, slow: 0, replay: 0, big: 0 })
  offered.length = 0
  for (const [ticket] of [hanging, replays]) if (ticket) lanes.release(ticket)
  expect(offered).toEqual([])
})
