import { describe, expect, it } from "vitest"
import type { Sighting } from "../../../src/core/contact/contact.ts"
import { resolveContacts, type StoredContact } from "../../../src/core/contact/resolve-contacts.ts"

function sighting(given: Partial<Sighting> = {}): Sighting {
  const page = { customerId: "cus_a", appId: "app_default", platform: "facebook", pageId: "1" } as const
  const nothing = { aliases: [], name: null, username: null, pictureUrl: null, startedBy: null }
  return { ...page, scopedId: "2000", idType: "psid", conversationId: "conv_new", ...nothing, ...given }
}

const KNOWN: StoredContact = {
  conversationId: "conv_old",
  name: "Ann",
  username: "ann",
  pictureUrl: null,
  startedBy: "evt_first",
  stale: false,
}

function resolve(sightings: Sighting[], stored?: StoredContact) {
  const { seen, contacts } = resolveContacts(sightings, {
    ownerOf: () => undefined,
    aliasesOf: () => [],
    contactOf: () => stored,
  })
  return { contacts, seen: sightings.map((one) => seen.get(one)) }
}

describe("what a sighting means to the store", () => {
  it("is a new contact, with the conversation of the sighting, begun by the first item that begins one", () => {
    const told = [sighting(), sighting({ startedBy: "evt_a" }), sighting({ startedBy: "evt_b", name: "Ann" })]
    const { contacts, seen } = resolve(told)
    expect(contacts).toMatchObject([{ scopedId: "2000", conversationId: "conv_new", name: "Ann", startedBy: "evt_a" }])
    expect(seen.map((one) => one?.started)).toEqual([false, true, false])
    expect(seen.map((one) => one?.contact.started)).toEqual([true, true, true])
  })

  it("keeps the conversation that the store knows", () => {
    const { seen } = resolve([sighting()], KNOWN)
    expect(seen[0]?.contact).toMatchObject({ conversationId: "conv_old", started: true })
  })

  it.each([
    ["nothing is told", {}, []],
    ["the same is told again", { name: "Ann", username: "ann", startedBy: "evt_other" }, []],
    ["another name", { name: "Ann Example" }, [{ name: "Ann Example", username: null, startedBy: "evt_first" }]],
    ["another user name", { username: "ann2" }, [{ username: "ann2" }]],
    ["a picture", { pictureUrl: "https://example.com/a" }, [{ pictureUrl: "https://example.com/a" }]],
  ])("is written where it is news: %s", (_, given, written) => {
    const { contacts, seen } = resolve([sighting(given)], KNOWN)
    expect(contacts).toMatchObject(written)
    expect(contacts).toHaveLength(written.length)
    expect(seen[0]?.started).toBe(false)
  })

  it("is written with an alias that it did not have, so that no alias is without a contact", () => {
    const aliases = [
      { id: "2000", type: "wa_id" },
      { id: "US.1", type: "bsuid" },
    ] as const
    const { contacts, aliases: created } = resolveContacts([sighting({ platform: "whatsapp", aliases })], {
      ownerOf: (key) => (key.endsWith(" 2000") ? "2000" : undefined),
      aliasesOf: () => aliases.slice(0, 1),
      contactOf: () => KNOWN,
    })
    expect(created).toMatchObject([{ id: "US.1", scopedId: "2000", position: 1 }])
    expect(contacts).toMatchObject([{ scopedId: "2000", conversationId: "conv_old" }])
  })

  it("is written where the contact was not seen for long, or where its conversation has not begun", () => {
    expect(resolve([sighting()], { ...KNOWN, stale: true }).contacts).toHaveLength(1)
    const { contacts, seen } = resolve([sighting({ startedBy: "evt_now" })], { ...KNOWN, startedBy: null })
    expect(contacts).toMatchObject([{ startedBy: "evt_now" }])
    expect(seen[0]?.started).toBe(true)
  })

  it("is written where its conversation turns out to have begun in the past, which is no beginning now", () => {
    const { contacts, seen } = resolve([sighting({ startedBy: "" })], { ...KNOWN, startedBy: null })
    expect(contacts).toMatchObject([{ startedBy: "" }])
    expect(seen[0]).toMatchObject({ started: false, contact: { started: true } })
  })

  it("has the last of the names that several items tell", () => {
    const told = [sighting({ name: "Ann" }), sighting({ name: "Ann Example" }), sighting()]
    expect(resolve(told).contacts).toMatchObject([{ name: "Ann Example" }])
  })

  it("tells of the beginning again with the contact, when the item that began it comes again", () => {
    const { contacts, seen } = resolve([sighting({ startedBy: "evt_first" })], KNOWN)
    expect(contacts).toMatchObject([{ startedBy: "evt_first" }])
    expect(seen[0]?.started).toBe(true)
  })

  it("tells of no beginning that is older than the page's connection", () => {
    const { contacts, seen } = resolve([sighting({ startedBy: "" }), sighting({ startedBy: "evt_later" })])
    expect(contacts).toMatchObject([{ startedBy: "" }])
    expect(seen.map((one) => one?.started)).toEqual([false, false])
  })
})
