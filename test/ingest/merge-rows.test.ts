import { describe, expect, test } from "vitest"
import { type CommitRows, type EventRow, noRows } from "../../src/core/commit-rows.ts"
import type { ContactRow } from "../../src/core/contact/contact.ts"
import { mergeRows } from "../../src/ingest/merge-rows.ts"

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
  test("an event in two webhooks is delivered once to each endpoint", () => {
    const merged = mergeRows([
      webhook(event("evt_1"), { dlv_1: "ep_1", dlv_2: "ep_2" }),
      webhook(event("evt_1"), { dlv_3: "ep_1", dlv_4: "ep_2" }),
    ])
    expect(merged.events).toHaveLength(1)
    expect(merged.deliveries.map(({ id }) => id)).toEqual(["dlv_1", "dlv_2"])
  })

  test("an event that occurs twice in one webhook is delivered once", () => {
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

  test("an event that is repeated with another day keeps the first day, whichever copy has the delivery", () => {
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

  test("a contact in two webhooks is merged: the first start of the conversation, and the latest names", () => {
    const first = { ...contact("1"), name: "Ann", username: "ann", startedBy: "evt_1" }
    const second = { ...contact("1"), name: "Ann Example", startedBy: "evt_2" }
    const merged = mergeRows([rows({ contacts: [first, contact("2")] }), rows({ contacts: [second] })])
    expect(merged.contacts).toEqual([
      { ...contact("1"), name: "Ann Example", username: "ann", startedBy: "evt_1" },
      contact("2"),
    ])
  })

  test("later values of a contact replace earlier ones, and missing values do not", () => {
    const first = { ...contact("1"), name: "Ann", username: "ann", pictureUrl: "https://a.example/1" }
    const renamed = { ...contact("1"), username: "anne", startedBy: "evt_2" }
    const pictured = { ...contact("1"), pictureUrl: "https://a.example/2" }
    const merged = (...contacts: ContactRow[]) => mergeRows(contacts.map((one) => rows({ contacts: [one] }))).contacts
    expect(merged(first, renamed)).toEqual([{ ...first, username: "anne", startedBy: "evt_2" }])
    expect(merged(first, renamed, pictured)).toEqual([
      { ...first, username: "anne", startedBy: "evt_2", pictureUrl: "https://a.example/2" },
    ])
  })

  test("all other rows are kept", () => {
    const part = (name: string) =>
      rows({
        aliases: [{ customerId: "cus_a", pageId: "1", id: name, type: "wa_id", scopedId: "2", position: 0 }],
        erasures: [{ customerId: "cus_a", eventIds: [name] }],
        faults: [
          { id: name, appId: "app_default", platform: "facebook", pageId: null, path: "", reason: "no", item: "7" },
        ],
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
