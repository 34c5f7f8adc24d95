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
const delivery = (id: string, eventId: string, endpointId: string, customerId = "cus_a") => ({
  id,
  customerId,
  eventId,
  endpointId,
  conversationId: null,
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
      rows({
        events: [event("evt_1")],
        deliveries: [delivery("dlv_1", "evt_1", "ep_1"), delivery("dlv_2", "evt_1", "ep_2")],
      }),
      rows({
        events: [event("evt_1")],
        deliveries: [delivery("dlv_3", "evt_1", "ep_1"), delivery("dlv_4", "evt_1", "ep_2")],
      }),
    ])
    expect(merged.events).toHaveLength(1)
    expect(merged.deliveries.map(({ id }) => id)).toEqual(["dlv_1", "dlv_2"])
  })

  test("an event that comes twice in one webhook is delivered once", () => {
    const twice = rows({
      events: [event("evt_1"), event("evt_1")],
      deliveries: [delivery("dlv_1", "evt_1", "ep_1"), delivery("dlv_2", "evt_1", "ep_1")],
    })
    const merged = mergeRows([twice])
    expect(merged.events).toHaveLength(1)
    expect(merged.deliveries.map(({ id }) => id)).toEqual(["dlv_1"])
  })

  test("two customers keep their own copy of one event", () => {
    const merged = mergeRows([
      rows({ events: [event("evt_1")], deliveries: [delivery("dlv_1", "evt_1", "ep_1")] }),
      rows({ events: [event("evt_1", "cus_b")], deliveries: [delivery("dlv_2", "evt_1", "ep_2", "cus_b")] }),
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
})
