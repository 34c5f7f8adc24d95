import fc from "fast-check"
import { expect, test } from "vitest"
import type { Delivery } from "../../src/core/records.ts"
import { createHand } from "../../src/dispatch/prefetch-buffer.ts"
import { delivery } from "./drain-world.ts"

const ordered = (id: string, conversationId: string) => delivery(id, { conversationId })

function send(hand: ReturnType<typeof createHand>, mayReplay = true): Delivery | undefined {
  const next = hand.next(mayReplay)
  if (next) hand.sent(next)
  return next
}

test("replays go only where nothing else is ready, and only as far as their share", () => {
  const hand = createHand()
  hand.add(delivery("r1", { trigger: "replay" }))
  hand.add(delivery("a"))
  expect(send(hand)?.id).toBe("a")
  expect(send(hand, false)).toBeUndefined()
  expect(send(hand)?.id).toBe("r1")
})

test("of a conversation one is in flight; the next goes when it has succeeded, others meanwhile", () => {
  const hand = createHand()
  for (const one of [ordered("a1", "a"), ordered("a2", "a"), ordered("b1", "b")]) hand.add(one)
  const [a1, b1] = [send(hand), send(hand)]
  expect([a1?.id, b1?.id]).toEqual(["a1", "b1"])
  expect(send(hand)).toBeUndefined()
  hand.over(a1 as Delivery)
  expect(send(hand)?.id).toBe("a2")
})

test("a conversation whose head is to be tried again lets go of what is behind it, once that is recorded", () => {
  const hand = createHand()
  for (const one of [ordered("a1", "a"), ordered("a2", "a"), ordered("b1", "b")]) hand.add(one)
  const a1 = send(hand) as Delivery
  expect(hand.forClaim().held).toEqual(["a1", "a2", "b1"])
  hand.recorded(a1)
  expect(hand.forClaim().held).toEqual(["b1"])
  expect(send(hand)?.id).toBe("b1")
})

test("a conversation that was read ahead as far as allowed, or failed before, is asked for when its turn comes", () => {
  const hand = createHand()
  const long = Array.from({ length: 8 }, (_, number) => ordered(`a${number}`, "a"))
  const again = delivery("b1", { conversationId: "b", attempts: 2 })
  for (const one of [...long, again, ordered("c1", "c")]) hand.add(one)
  const over = () => hand.over(send(hand) as Delivery)
  // The heads of a, b and c first: a goes on with what was read ahead, nothing more is known of c.
  expect([over(), over(), over()]).toEqual([false, true, false])
  expect(hand.forClaim().conversations).toEqual(["b"])
  expect([over(), over(), over(), over(), over(), over()]).toEqual([false, false, false, false, false, false])
  expect(over()).toBe(true)
  expect(hand.forClaim().conversations).toEqual(["a"])
  // The claim brought one of it, so there may be another; it brought none, so there is none.
  hand.add(ordered("a9", "a"))
  expect(over()).toBe(true)
  expect(hand.forClaim().conversations).toEqual(["a"])
  expect(hand.forClaim().conversations).toEqual([])
})

test("a conversation that failed before is asked for also when some of it came along", () => {
  const hand = createHand()
  hand.add(delivery("a1", { conversationId: "a", attempts: 1 }))
  hand.add(ordered("a2", "a"))
  expect([hand.over(send(hand) as Delivery), hand.over(send(hand) as Delivery)]).toEqual([false, true])
})

test("a conversation that a claim had no room for is asked for again; one that was let go is not", () => {
  const hand = createHand()
  for (const id of ["a1", "b1"]) hand.add(delivery(id, { conversationId: id, attempts: 1 }))
  for (const one of [send(hand), send(hand)]) hand.over(one as Delivery)
  expect(hand.forClaim().conversations).toEqual(["a1", "b1"])
  hand.add(ordered("b2", "b1"))
  hand.claimWasFilled()
  expect(hand.forClaim().conversations).toEqual(["a1"])
  hand.claimWasFilled()
  hand.letGo()
  expect(hand.forClaim().conversations).toEqual([])
})

test("what is let go while one is in flight does not overtake it when it comes again", () => {
  const hand = createHand()
  for (const one of [ordered("a1", "a"), ordered("a2", "a")]) hand.add(one)
  send(hand)
  hand.letGo()
  expect(hand.forClaim().held).toEqual(["a1"])
  hand.add(ordered("a2", "a"))
  expect(send(hand)).toBeUndefined()
})

test("what a claim took for held and was to be tried again when the answer came does not go out of turn", () => {
  const hand = createHand()
  hand.add(ordered("a1", "a"))
  const a1 = send(hand) as Delivery
  expect(hand.forClaim().held).toEqual(["a1"])
  hand.recorded(a1)
  expect(hand.add(ordered("a2", "a"))).toBe(false)
  expect(hand.forClaim().held).toEqual([])
  expect(hand.add(ordered("a1", "a"))).toBe(true)
})

test("knows of all that is read ahead, and of nothing in flight, whether it is among what is asked for", () => {
  const hand = createHand()
  for (const one of [ordered("a1", "a"), ordered("a2", "a"), delivery("b"), delivery("r", { trigger: "replay" })]) {
    hand.add(one)
  }
  send(hand)
  const among = (id: string) => hand.hasAhead((one) => one.id === id)
  expect(["a1", "a2", "b", "r", "c"].map(among)).toEqual([false, true, true, true, false])
})

test("what is refused has nothing of its conversation go before it", () => {
  const hand = createHand()
  hand.forClaim()
  expect(hand.refuse(ordered("a1", "a"))).toBe(false)
  expect(hand.add(ordered("a2", "a"))).toBe(false)
  expect(hand.add(ordered("b1", "b"))).toBe(true)
  hand.forClaim()
  expect(hand.add(ordered("a1", "a"))).toBe(true)
})

/** A store with endless conversations, as a claim sees it: the unfinished ones, of which a failed one is not due. */
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

const ACTS = ["ask", "answer", "send", "succeed", "fail", "record", "due", "let go"] as const

test("whatever happens, a conversation goes out in order, one at a time, and goes on", () => {
  const turns = fc.array(fc.tuple(fc.constantFrom(...ACTS), fc.nat(100)), { maxLength: 300, size: "max" })
  fc.assert(
    fc.property(turns, fc.integer({ min: 1, max: 3 }), (given, conversations) => {
      const load = { held: 0 }
      const hand = createHand(load)
      const store = endless(conversations)
      const inFlight: Delivery[] = []
      const decided: { one: Delivery; retried: boolean }[] = []
      const accepted = new Map<string, number>()
      let claimed: Delivery[] | undefined
      const place = ({ id }: Delivery): [string, number] => [id.split("_")[0] ?? "", Number(id.split("_")[1])]
      for (const [act, which] of given) {
        expect(load.held).toBe(hand.size())
        expect(hand.ahead()).toBe(hand.size() - inFlight.length - decided.length)
        if (act === "ask") claimed ??= store.claim(hand.forClaim().held)
        else if (act === "answer") {
          for (const [index, one] of (claimed ?? []).entries()) {
            if (index === which) hand.refuse(one)
            else hand.add(one)
          }
          claimed = undefined
        } else if (act === "send") {
          const one = send(hand)
          if (!one) continue
          const [name, position] = place(one)
          expect(inFlight.map(({ conversationId }) => conversationId)).not.toContain(name)
          expect(position).toBeLessThanOrEqual(accepted.get(name) ?? 0)
          inFlight.push(one)
        } else if (act === "succeed" || act === "fail") {
          const [one] = inFlight.splice(which % Math.max(1, inFlight.length), 1)
          if (!one) continue
          const [name, position] = place(one)
          if (act === "succeed") {
            accepted.set(name, Math.max(accepted.get(name) ?? 0, position + 1))
            hand.over(one)
          }
          decided.push({ one, retried: act === "fail" })
        } else if (act === "record") {
          const [result] = decided.splice(which % Math.max(1, decided.length), 1)
          if (!result) continue
          store.record(...place(result.one), result.retried)
          hand.recorded(result.one)
        } else if (act === "due") store.due(`c${which % conversations}`)
        else hand.letGo()
      }
      const over = inFlight.map((one) => ({ one, retried: false }))
      for (const { one } of over) hand.over(one)
      for (const { one, retried } of [...decided, ...over]) {
        store.record(...place(one), retried)
        hand.recorded(one)
      }
      for (let number = 0; number < conversations; number++) store.due(`c${number}`)
      for (const one of store.claim(hand.forClaim().held)) hand.add(one)
      const goOn = new Set<string | null>()
      for (let one = send(hand); one; one = send(hand)) goOn.add(one.conversationId)
      expect(goOn.size).toBe(conversations)
    }),
    { numRuns: 300 },
  )
})
