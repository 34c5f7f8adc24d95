import { describe, expect, test } from "vitest"
import { type CommitRows, type ContactRow, type EventRow, noRows } from "../../src/core/records.ts"
import { mergeRows } from "../../src/pipeline/merge-rows.ts"

const event = (id: string, customerId = "cus_a"): EventRow => ({
  customerId,
  id,
  day: 1,
  appId: "app_default",
  platform: "facebook",
  event: "message.received",
  pageId: "1",
  sender: "2",
  conversationId: "conv",
  body: "{}",
  compactLength: 1,
  raw: null,
})
/** A webhook's rows: one event, and its deliveries by the ids of their endpoints. */
const webhook = (of: EventRow, deliveries: Record<string, string>) =>
  rows({
    events: [of],
    deliveries: Object.entries(deliveries).map(([id, endpointId]) => ({
      id,
      event: of,
      endpointId,
      conversationId: null,
    })),
  })
const contact = (scopedId: string): ContactRow => ({
  customerId: "cus_a",
  appId: "app_default",
  platform: "facebook",
  pageId: "1",
  scopedId,
  idType: "psid",
  conversationId: `conv_${scopedId}`,
  name: null,
  username: null,
  pictureUrl: null,
  startedBy: null,
})
const rows = (part: Partial<CommitRows>): CommitRows => ({ ...noRows(), ...part })

describe("merging the rows of webhooks that arrive together", () => {
  test("an event that two webhooks bring is delivered once to each endpoint", () => {
    const merged = mergeRows([
      webhook(event("evt_1"), { dlv_1: "ep_1", dlv_2: "ep_2" }),
      webhook(event("evt_1"), { dlv_3: "ep_1", dlv_4: "ep_2" }),
    ])
    expect(merged.events).toHaveLength(1)
    expect(merged.deliveries.map(({ id }) => id)).toEqual(["dlv_1", "dlv_2"])
  })

  test("an event that comes twice in one webhook is delivered once", () => {
    const first = webhook(event("evt_1"), { dlv_1: "ep_1" })
    const again = webhook(event("evt_1"), { dlv_2: "ep_1" })
    const twice = rows({
      events: [...first.events, ...again.events],
      deliveries: [...first.deliveries, ...again.deliveries],
    })
    const merged = mergeRows([twice])
    expect(merged.events).toHaveLength(1)
    expect(merged.deliveries.map(({ id }) => id)).toEqual(["dlv_1"])
  })

  test("an event that comes again with another day keeps its first, whichever copy brought the delivery", () => {
    const merged = mergeRows([
      webhook(event("evt_1"), { dlv_1: "ep_1" }),
      webhook({ ...event("evt_1"), day: 2 }, { dlv_2: "ep_1", dlv_3: "ep_2" }),
    ])
    expect(merged.events.map(({ day }) => day)).toEqual([1])
    expect(merged.deliveries.map(({ id, event }) => [id, event.day])).toEqual([
      ["dlv_1", 1],
      ["dlv_3", 1],
    ])
  })

  test("two customers keep their own copy of one event", () => {
    const merged = mergeRows([
      webhook(event("evt_1"), { dlv_1: "ep_1" }),
      webhook(event("evt_1", "cus_b"), { dlv_2: "ep_2" }),
    ])
    expect(merged.events).toHaveLength(2)
    expect(merged.deliveries).toHaveLength(2)
  })

  test("a contact that two webhooks name is told of once: its first beginning, and what was told last", () => {
    const first = { ...contact("1"), name: "Ann", username: "ann", startedBy: "evt_1" }
    const second = { ...contact("1"), name: "Ann Example", startedBy: "evt_2" }
    const merged = mergeRows([rows({ contacts: [first, contact("2")] }), rows({ contacts: [second] })])
    expect(merged.contacts).toEqual([
      { ...contact("1"), name: "Ann Example", username: "ann", startedBy: "evt_1" },
      contact("2"),
    ])
  })

  test("what a contact is told to be later counts, and what is not told later stays", () => {
    const first = { ...contact("1"), name: "Ann", username: "ann", pictureUrl: "https://a.example/1" }
    const renamed = { ...contact("1"), username: "anne", startedBy: "evt_2" }
    const pictured = { ...contact("1"), pictureUrl: "https://a.example/2" }
    const told = (...contacts: ContactRow[]) => mergeRows(contacts.map((one) => rows({ contacts: [one] }))).contacts
    expect(told(first, renamed)).toEqual([{ ...first, username: "anne", startedBy: "evt_2" }])
    expect(told(first, renamed, pictured)).toEqual([
      { ...first, username: "anne", startedBy: "evt_2", pictureUrl: "https://a.example/2" },
    ])
  })

  test("all else that they bring is kept", () => {
    const part = (name: string) =>
      rows({
        aliases: [{ customerId: "cus_a", pageId: "1", id: name, type: "wa_id", scopedId: "2", position: 0 }],
        erasures: [{ customerId: "cus_a", eventIds: [name] }],
        faults: [{ id: name, appId: "app_default", platform: "facebook", path: "", reason: "no", item: "7" }],
        unrouted: [{ appId: "app_default", platform: "facebook", pageId: name, events: 1, testEvents: 0 }],
      })
    const [a, b] = [part("a"), part("b")]
    expect(mergeRows([a, b])).toEqual(
      rows({
        aliases: [...a.aliases, ...b.aliases],
        erasures: [...a.erasures, ...b.erasures],
        faults: [...a.faults, ...b.faults],
        unrouted: [...a.unrouted, ...b.unrouted],
      }),
    )
  })
})
