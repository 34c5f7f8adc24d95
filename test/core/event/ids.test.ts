import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { conversationId, crockford, eventId, firstIdAt, timeOrderedId } from "../../../src/core/event/ids.ts"

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

/** The definition: bits from the left, five at a time, the last group padded with zeros. */
function slowCrockford(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("")
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(5, "0"), 2)]).join("")
}

describe("ids", () => {
  test("crockford follows its definition for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(crockford(bytes)).toBe(slowCrockford(bytes))
      }),
    )
  })

  test("ids equal the golden values of the design", () => {
    const seed = { platform: "facebook", pageId: "PAGE_ID", event: "message.received", native: "m_abc123..." }
    expect(eventId(seed)).toBe("evt_6d12tkfvakcfw7cj59zbwpxg30")
    const contact = { customerId: "t1", platform: "facebook", pageId: "PAGE_ID", contact: "12345678901234" } as const
    expect(conversationId(Buffer.alloc(32, 7), contact)).toBe("conv_fb_vmb2y666d0g34b23g31891jcnw")
  })

  test("time-ordered ids sort by time, and none sorts before `firstIdAt` of its time", () => {
    const time = fc.integer({ min: 0, max: 2 ** 46 })
    const random = fc.uint8Array({ minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(time, time, random, random, (a, b, x, y) => {
        const [first, second] = [timeOrderedId("dlv", a, x), timeOrderedId("dlv", b, y)]
        if (a !== b) expect(first < second).toBe(a < b)
        expect(firstIdAt("dlv", a) <= first).toBe(true)
        expect(first).toMatch(/^dlv_[0-9a-z]{26}$/)
      }),
    )
  })
})
