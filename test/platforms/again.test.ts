import { expect, it } from "vitest"
import type { Platform } from "../../src/core/event/event.ts"
import { normalize } from "../../src/platforms/index.ts"
import { fullEvents } from "./support/fixtures.ts"

const PAGE = "108742000000311"
const POST = `${PAGE}_900000000000001`
const COMMENT = { item: "comment", comment_id: "900000000000001_800000000000003", post_id: POST }
const FIRST = 1767171000

/** Ids of the events of one change that comes in entries of these times. */
function ids(platform: Platform, object: string, field: string, values: object[], times: (number | undefined)[]) {
  return values.flatMap((value, index) => {
    const entry = [{ id: PAGE, time: times[index], changes: [{ field, value }] }]
    return fullEvents(normalize(platform, { object, entry })).map(({ id }) => id)
  })
}

const feed = (verbs: string[], item: object, times: number[]) =>
  ids(
    "facebook",
    "page",
    "feed",
    verbs.map((verb) => ({ ...item, verb, created_time: FIRST })),
    times,
  )

it.each([
  ["comment", COMMENT],
  ["post", { item: "post", post_id: POST }],
])("tells apart a %s that is hidden, shown and hidden again", (_, item) => {
  const verbs = ["hide", "unhide", "hide"]
  const times = [FIRST, FIRST + 60, FIRST + 120]
  expect(new Set(feed(verbs, item, times)).size).toBe(3)
  expect(feed(verbs, item, times)).toEqual(feed(verbs, item, times))
})

it.each([
  ["comment", COMMENT],
  ["post", { item: "post", post_id: POST }],
])("knows a %s that is added or removed by itself, whatever entry it comes in", (_, item) => {
  for (const verb of ["add", "remove"]) {
    const [one, two] = feed([verb, verb], item, [FIRST, FIRST + 60])
    expect(two).toBe(one)
  }
})

const failed = { metadata: { phone_number_id: PAGE }, errors: [{ code: 131035, title: "not delivered" }] }
const errors = (times: (number | undefined)[]) =>
  ids("whatsapp", "whatsapp_business_account", "messages", [failed, failed], times)

it("tells apart the same error of a WhatsApp number by the time of the entry, and not by another", () => {
  const [one, two] = errors([FIRST, FIRST + 60])
  expect(two).not.toBe(one)
  expect(errors([FIRST, FIRST])[1]).toBe(one)
  const [unknown, again] = errors([undefined, undefined])
  expect(again).toBe(unknown)
})

it("knows what tells its own time by that, whatever entry it comes in", () => {
  const groups = [{ group_id: "1", type: "group_create", timestamp: String(FIRST) }]
  const value = { metadata: { phone_number_id: PAGE }, groups }
  const both = ids(
    "whatsapp",
    "whatsapp_business_account",
    "group_lifecycle_update",
    [value, value],
    [FIRST, FIRST + 60],
  )
  expect(both[1]).toBe(both[0])
})

it.each(["recipient_participant_id", "participant_recipient_id"])(
  "tells apart the members of a group who read one message, and knows each again, by %s",
  (key) => {
    const read = (member: string) => ({
      id: "wamid.1",
      status: "read",
      recipient_id: "g",
      recipient_type: "group",
      [key]: member,
    })
    const values = [{ metadata: { phone_number_id: PAGE }, statuses: [read("16505550134"), read("16505550172")] }]
    const told = () => ids("whatsapp", "whatsapp_business_account", "messages", values, [])
    expect(new Set(told()).size).toBe(2)
    expect(told()).toEqual(told())
  },
)

it("tells apart the payments of one order that Meta calls by one id and state, and knows each again", () => {
  const attempt = (id: string, more: object = {}) => ({
    statuses: [
      {
        id: "wamid.order",
        type: "payment",
        status: "pending",
        timestamp: String(FIRST),
        recipient_id: "16505550134",
        payment: { reference_id: "order-1", transaction: { id, status: "failed" }, ...more },
      },
    ],
  })
  const values = [attempt("order_1"), attempt("order_2"), attempt("order_2", { refunds: [{ id: "rfnd_1" }] })]
  const sent = values.map((value) => ({ metadata: { phone_number_id: PAGE }, ...value }))
  const told = () => ids("whatsapp", "whatsapp_business_account", "messages", sent, [])
  expect(new Set(told()).size).toBe(3)
  expect(told()).toEqual(told())
})

it("knows a mention in a comment of Instagram by the comment, and one in a caption by the time of the entry, too", () => {
  const told = (value: object) => ids("instagram", "instagram", "mentions", [value, value], [FIRST, FIRST + 60])
  const [one, two] = told({ media_id: "17901", comment_id: "17951" })
  expect(two).toBe(one)
  const [caption, edited] = told({ media_id: "17901" })
  expect(edited).not.toBe(caption)
})

it("takes a payment that is null for none", () => {
  const status = { id: "wamid.1", status: "read", recipient_id: "16505550134" }
  const metadata = { phone_number_id: PAGE }
  const values = [{}, { payment: null }].map((more) => ({ metadata, statuses: [{ ...status, ...more }] }))
  const [none, nothing] = ids("whatsapp", "whatsapp_business_account", "messages", values, [])
  expect(nothing).toBe(none)
})

const TAP = { sender: { id: "1254" }, recipient: { id: PAGE }, timestamp: 1767169800123 }
const tapped = (channel: string, postback: object, more: object = {}) => {
  const entry = [{ id: PAGE, time: FIRST, [channel]: [{ ...TAP, ...more, postback }] }]
  return fullEvents(normalize("facebook", { object: "page", entry })).map(({ id }) => id)
}

it.each([
  ["without mids", {}, {}],
  ["with a mid in one of them", { mid: "m_1" }, {}],
  ["with a mid in both", { mid: "m_1" }, { mid: "m_1" }],
])("knows one tap that comes on messages and, without its payload, on standby: %s", (_, ofMessaging, ofStandby) => {
  const messaging = tapped("messaging", { title: "Yes", payload: "YES", ...ofMessaging })
  expect(tapped("standby", { title: "Yes", ...ofStandby })).toEqual(messaging)
})

it("tells apart taps at other times, on other buttons, and of other people", () => {
  const yes = { title: "Yes", payload: "YES" }
  const taps = [
    tapped("messaging", yes),
    tapped("messaging", yes, { timestamp: 1767169800124 }),
    tapped("messaging", { title: "No", payload: "NO" }),
    tapped("messaging", yes, { sender: { id: "1255" } }),
  ]
  expect(new Set(taps.flat()).size).toBe(4)
})

it("tells apart taps whose times are whole seconds, or not told, by their mids", () => {
  for (const timestamp of [undefined, 1767169800]) {
    const [one, two] = ["m_1", "m_2"].map((mid) => tapped("messaging", { mid, title: "Yes" }, { timestamp }))
    expect(two).not.toEqual(one)
  }
})
