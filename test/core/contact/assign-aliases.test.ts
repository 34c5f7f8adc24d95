import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { assignAliases, contactKey } from "../../../src/core/contact/assign-aliases.ts"
import type { Alias, Sighting } from "../../../src/core/contact/contact.ts"

const typeOf = (id: string): Alias["type"] =>
  id.startsWith("P") ? "wa_id" : id.startsWith("B") ? "bsuid" : "parent_bsuid"

/** A sighting by these ids; a new contact is named by its BSUID, or else by its phone. */
function sighting(ids: readonly string[], pageId = "1"): Sighting {
  const aliases = ids.map((id) => ({ id, type: typeOf(id) }))
  const page = { customerId: "cus_a", appId: "app_default", platform: "whatsapp", pageId } as const
  const scopedId = ids.find((id) => id.startsWith("B")) ?? ids[0] ?? ""
  const names = { name: null, username: null, pictureUrl: null }
  return { ...page, scopedId, idType: "wa_id", aliases, conversationId: `conv_${scopedId}`, startedBy: null, ...names }
}

const nothing = { ownerOf: () => undefined, aliasesOf: () => [] }
const ownersOf = (sightings: Sighting[]) => assignAliases(sightings, nothing).assigned.map(({ scopedId }) => scopedId)

describe("whose an item is", () => {
  it.each([
    ["a new contact is named by its BSUID", [["P1", "B1"]], ["B1"]],
    ["without one by its phone", [["P1"]], ["P1"]],
    [
      "an id that is known decides, and the others become the contact's",
      [["P1"], ["P1", "B1"], ["B1"]],
      ["P1", "P1", "P1"],
    ],
    ["a parent links two user ids", [["B1", "E1"], ["B2", "E1"], ["B2"]], ["B1", "B1", "B1"]],
    [
      "of two contacts the one that is named first, and neither is moved",
      [["P1"], ["B1"], ["P1", "B1"], ["B1"]],
      ["P1", "B1", "P1", "B1"],
    ],
    ["the old id before the new one", [["P1"], ["P2"], ["P1", "P2"], ["P2"]], ["P1", "P2", "P1", "P2"]],
  ])("%s", (_, ids, owners) => {
    expect(ownersOf(ids.map((each) => sighting(each)))).toEqual(owners)
  })

  it("is decided on each page by itself", () => {
    expect(ownersOf([sighting(["P1"], "1"), sighting(["P1", "B1"], "2")])).toEqual(["P1", "B1"])
  })
})

describe("what an item says of the ids of its contact", () => {
  it("is what the contact had before where it brings a new one, and the new one's place among them", () => {
    const { assigned, created } = assignAliases([sighting(["P1"]), sighting(["P1", "B1"]), sighting(["P1"])], nothing)
    const [first, second] = sighting(["P1", "B1"]).aliases
    expect(assigned.map(({ before }) => before)).toEqual([undefined, [first], undefined])
    expect(assigned.map(({ aliases }) => aliases)).toEqual([[first], [first, second], [first, second]])
    expect(created.map(({ id, position }) => [id, position])).toEqual([
      ["P1", 0],
      ["B1", 1],
    ])
  })

  it("is a conflict only where its ids are of two contacts", () => {
    const { assigned } = assignAliases(
      [sighting(["P1"]), sighting(["P1"]), sighting(["B1"]), sighting(["P1", "B1"])],
      nothing,
    )
    expect(assigned.map(({ conflict }) => conflict)).toEqual([false, false, false, true])
  })
})

const anySighting = fc
  .record({
    phone: fc.option(fc.constantFrom("P1", "P2", "P3")),
    bsuid: fc.option(fc.constantFrom("B1", "B2", "B3")),
    parent: fc.option(fc.constantFrom("E1", "E2")),
    page: fc.constantFrom("1", "2"),
  })
  .filter(({ phone, bsuid }) => phone !== null || bsuid !== null)
  .map(({ phone, bsuid, parent, page }) =>
    sighting(
      [phone, bsuid, parent].filter((id) => id !== null),
      page,
    ),
  )

const keyOf = ({ pageId }: { pageId: string }, id: string) => contactKey("cus_a", "whatsapp", pageId, id)

/** Batch after batch, with what the store would have between them. */
function assignBatches(batches: Sighting[][]) {
  const owners = new Map<string, string>()
  const aliases = new Map<string, Alias[]>()
  return batches.flatMap((batch) => {
    const { assigned, created } = assignAliases(batch, {
      ownerOf: (key) => owners.get(key),
      aliasesOf: (key) => aliases.get(key) ?? [],
    })
    for (const one of created) {
      expect(owners.has(keyOf(one, one.id))).toBe(false)
      owners.set(keyOf(one, one.id), one.scopedId)
      const of = keyOf(one, one.scopedId)
      aliases.set(of, [...(aliases.get(of) ?? []), { id: one.id, type: one.type }])
    }
    return assigned
  })
}

it("is the same however the items come together", () => {
  fc.assert(
    fc.property(
      fc.array(anySighting, { maxLength: 12 }),
      fc.array(fc.nat(4), { maxLength: 12 }),
      (sightings, sizes) => {
        const batches: Sighting[][] = []
        let at = 0
        for (const size of [...sizes, sightings.length]) {
          batches.push(sightings.slice(at, at + size))
          at += size
        }
        expect(assignBatches(batches)).toEqual(assignBatches([sightings]))
      },
    ),
    { numRuns: 1000 },
  )
})

it("never takes an id from its contact, and is the same when everything comes again", () => {
  fc.assert(
    fc.property(fc.array(anySighting, { maxLength: 12 }), (sightings) => {
      const assigned = assignBatches([sightings, sightings, sightings])
      const again = assigned.slice(2 * sightings.length)
      for (const [index, { scopedId, aliases, before }] of assigned.slice(sightings.length).entries()) {
        expect(before).toBeUndefined()
        expect([scopedId, aliases]).toEqual([
          again[index % sightings.length]?.scopedId,
          again[index % sightings.length]?.aliases,
        ])
      }
      const seen = new Map<string, string>()
      for (const { sighting: of, scopedId } of assigned) {
        const first = keyOf(of, of.aliases[0]?.id ?? "")
        expect(seen.get(first) ?? scopedId).toBe(scopedId)
        seen.set(first, scopedId)
      }
    }),
    { numRuns: 1000 },
  )
})
