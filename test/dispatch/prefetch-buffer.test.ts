import fc from "fast-check"
import { expect, test } from "vitest"
import type { Delivery } from "../../src/core/delivery/delivery.ts"
import { createPrefetchBuffer } from "../../src/dispatch/prefetch-buffer.ts"
import { delivery } from "./drain-world.ts"

const ordered = (id: string, conversationId: string) => delivery(id, { conversationId })

function send(buffer: ReturnType<typeof createPrefetchBuffer>, mayReplay = true): Delivery | undefined {
  const next = buffer.peek(mayReplay)
  if (next) buffer.sent(next)
  return next
}

test("replays are sent only if nothing else is ready, and only within their share", () => {
  const buffer = createPrefetchBuffer()
  buffer.add(delivery("r1", { trigger: "replay" }))
  buffer.add(delivery("a"))
  expect(send(buffer)?.id).toBe("a")
  expect(send(buffer, false)).toBeUndefined()
  expect(send(buffer)?.id).toBe("r1")
})

test("one delivery of a conversation is in flight, the next follows its success, other conversations go on", () => {
  const buffer = createPrefetchBuffer()
  for (const one of [ordered("a1", "a"), ordered("a2", "a"), ordered("b1", "b")]) buffer.add(one)
  const [a1, b1] = [send(buffer), send(buffer)]
  expect([a1?.id, b1?.id]).toEqual(["a1", "b1"])
  expect(send(buffer)).toBeUndefined()
  buffer.settled(a1 as Delivery)
  expect(send(buffer)?.id).toBe("a2")
})

test("a conversation whose head is to be retried drops its followers once that is recorded", () => {
  const buffer = createPrefetchBuffer()
  for (const one of [ordered("a1", "a"), ordered("a2", "a"), ordered("b1", "b")]) buffer.add(one)
  const a1 = send(buffer) as Delivery
  expect(buffer.forClaim().held).toEqual(["a1", "a2", "b1"])
  buffer.recorded(a1)
  expect(buffer.forClaim().held).toEqual(["b1"])
  expect(send(buffer)?.id).toBe("b1")
})

test("requests a conversation that was prefetched up to the limit or failed before, after its last delivery", () => {
  const buffer = createPrefetchBuffer()
  const long = Array.from({ length: 8 }, (_, number) => ordered(`a${number}`, "a"))
  const again = delivery("b1", { conversationId: "b", attempts: 2 })
  for (const one of [...long, again, ordered("c1", "c")]) buffer.add(one)
  const over = () => buffer.settled(send(buffer) as Delivery)
  // The heads of a, b and c first: a continues with its followers, and c has no more.
  expect([over(), over(), over()]).toEqual([false, true, false])
  expect(buffer.forClaim().conversations).toEqual(["b"])
  expect([over(), over(), over(), over(), over(), over()]).toEqual([false, false, false, false, false, false])
  expect(over()).toBe(true)
  expect(buffer.forClaim().conversations).toEqual(["a"])
  // The claim returned one of it, so there may be another; the next one returned none, so there is none.
  buffer.add(ordered("a9", "a"))
  expect(over()).toBe(true)
  expect(buffer.forClaim().conversations).toEqual(["a"])
  expect(buffer.forClaim().conversations).toEqual([])
})

test("requests a conversation that failed before also if the claim returned followers", () => {
  const buffer = createPrefetchBuffer()
  buffer.add(delivery("a1", { conversationId: "a", attempts: 1 }))
  buffer.add(ordered("a2", "a"))
  expect([buffer.settled(send(buffer) as Delivery), buffer.settled(send(buffer) as Delivery)]).toEqual([false, true])
})

test("requests a conversation again if the claim reached its limit without it, unless it was discarded", () => {
  const buffer = createPrefetchBuffer()
  for (const id of ["a1", "b1"]) buffer.add(delivery(id, { conversationId: id, attempts: 1 }))
  for (const one of [send(buffer), send(buffer)]) buffer.settled(one as Delivery)
  expect(buffer.forClaim().conversations).toEqual(["a1", "b1"])
  buffer.add(ordered("b2", "b1"))
  buffer.claimWasFilled()
  expect(buffer.forClaim().conversations).toEqual(["a1"])
  buffer.claimWasFilled()
  buffer.discardPrefetched()
  expect(buffer.forClaim().conversations).toEqual([])
})

test("a discarded follower does not overtake its head in flight when it is claimed again", () => {
  const buffer = createPrefetchBuffer()
  for (const one of [ordered("a1", "a"), ordered("a2", "a")]) buffer.add(one)
  send(buffer)
  buffer.discardPrefetched()
  expect(buffer.forClaim().held).toEqual(["a1"])
  buffer.add(ordered("a2", "a"))
  expect(send(buffer)).toBeUndefined()
})

test("a follower is not accepted if its head was counted as held by the claim but is to be retried since", () => {
  const buffer = createPrefetchBuffer()
  buffer.add(ordered("a1", "a"))
  const a1 = send(buffer) as Delivery
  expect(buffer.forClaim().held).toEqual(["a1"])
  buffer.recorded(a1)
  expect(buffer.add(ordered("a2", "a"))).toBe(false)
  expect(buffer.forClaim().held).toEqual([])
  expect(buffer.add(ordered("a1", "a"))).toBe(true)
})

test("hasPrefetched checks every prefetched delivery, and none in flight", () => {
  const buffer = createPrefetchBuffer()
  for (const one of [ordered("a1", "a"), ordered("a2", "a"), delivery("b"), delivery("r", { trigger: "replay" })]) {
    buffer.add(one)
  }
  send(buffer)
  const among = (id: string) => buffer.hasPrefetched((one) => one.id === id)
  expect(["a1", "a2", "b", "r", "c"].map(among)).toEqual([false, true, true, true, false])
})

test("later deliveries of a conversation are not accepted after one was refused, until the next claim", () => {
  const buffer = createPrefetchBuffer()
  buffer.forClaim()
  expect(buffer.refuse(ordered("a1", "a"))).toBe(false)
  expect(buffer.add(ordered("a2", "a"))).toBe(false)
  expect(buffer.add(ordered("b1", "b"))).toBe(true)
  buffer.forClaim()
  expect(buffer.add(ordered("a1", "a"))).toBe(true)
})

/** A store with endless conversations: a claim sees unfinished deliveries, and not those behind a failed one. */
function endless(conversations: number) {
  const first = new Map<string, number>()
  const failed = new Set<string>()
  return {
    claim(held: string[]): Delivery[] {
      const holds = new Set(held)
      return Array.from({ length: conversations }, (_, number) => `c${number}`).flatMap((name) => {
        let position = first.get(name) ?? 0
        while (holds.has(`${name}_${position}`)) position += 1
        const blocked = failed.has(name) && position === (first.get(name) ?? 0)
        return blocked ? [] : [ordered(`${name}_${position}`, name), ordered(`${name}_${position + 1}`, name)]
      })
    },
    record(name: string, position: number, retried: boolean) {
      if (retried) failed.add(name)
      else first.set(name, Math.max(first.get(name) ?? 0, position + 1))
      if (!retried) failed.delete(name)
    },
    due: (name: string) => failed.delete(name),
  }
}

const ACTS = ["claim", "claimed", "send", "succeed", "fail", "record", "due", "discard"] as const

test("in any history, a conversation is sent in order, one at a time, and always continues", () => {
  const history = fc.array(fc.tuple(fc.constantFrom(...ACTS), fc.nat(100)), { maxLength: 300, size: "max" })
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 3 }), (given, conversations) => {
      const load = { held: 0 }
      const buffer = createPrefetchBuffer(load)
      const store = endless(conversations)
      const inFlight: Delivery[] = []
      const decided: { one: Delivery; retried: boolean }[] = []
      const accepted = new Map<string, number>()
      let claimed: Delivery[] | undefined
      const positionOf = ({ id }: Delivery): [string, number] => [id.split("_")[0] ?? "", Number(id.split("_")[1])]
      for (const [act, which] of given) {
        expect(load.held).toBe(buffer.size())
        expect(buffer.prefetched()).toBe(buffer.size() - inFlight.length - decided.length)
        if (act === "claim") claimed ??= store.claim(buffer.forClaim().held)
        else if (act === "claimed") {
          for (const [index, one] of (claimed ?? []).entries()) {
            if (index === which) buffer.refuse(one)
            else buffer.add(one)
          }
          claimed = undefined
        } else if (act === "send") {
          const one = send(buffer)
          if (!one) continue
          const [name, position] = positionOf(one)
          expect(inFlight.map(({ conversationId }) => conversationId)).not.toContain(name)
          expect(position).toBeLessThanOrEqual(accepted.get(name) ?? 0)
          inFlight.push(one)
        } else if (act === "succeed" || act === "fail") {
          const [one] = inFlight.splice(which % Math.max(1, inFlight.length), 1)
          if (!one) continue
          const [name, position] = positionOf(one)
          if (act === "succeed") {
            accepted.set(name, Math.max(accepted.get(name) ?? 0, position + 1))
            buffer.settled(one)
          }
          decided.push({ one, retried: act === "fail" })
        } else if (act === "record") {
          const [result] = decided.splice(which % Math.max(1, decided.length), 1)
          if (!result) continue
          store.record(...positionOf(result.one), result.retried)
          buffer.recorded(result.one)
        } else if (act === "due") store.due(`c${which % conversations}`)
        else buffer.discardPrefetched()
      }
      const over = inFlight.map((one) => ({ one, retried: false }))
      for (const { one } of over) buffer.settled(one)
      for (const { one, retried } of [...decided, ...over]) {
        store.record(...positionOf(one), retried)
        buffer.recorded(one)
      }
      for (let number = 0; number < conversations; number++) store.due(`c${number}`)
      for (const one of store.claim(buffer.forClaim().held)) buffer.add(one)
      const continued = new Set<string | null>()
      for (let one = send(buffer); one; one = send(buffer)) continued.add(one.conversationId)
      expect(continued.size).toBe(conversations)
    }),
    { numRuns: 300 },
  )
})
