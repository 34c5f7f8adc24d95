import { expect, it } from "vitest"
import type { Draft } from "../../src/core/event/draft.ts"
import type { Platform } from "../../src/core/event/event.ts"
import { normalize } from "../../src/platforms/index.ts"
import { whatsapp } from "../support/whatsapp.ts"
import { fullEvents } from "./support/fixtures.ts"

const PAGE = "108742000000311"
const WABA = `9${PAGE}`
const POLLS = [{ id: "poll.1" }, { id: "poll.2" }]
const messages = [{ id: "wamid.1", from: "16505550134", type: "text", text: { body: "hi" } }]
const messaging = [{ sender: { id: "1" }, recipient: { id: PAGE }, timestamp: 1, message: { mid: "m_1", text: "hi" } }]

const besides = (body: unknown, platform: Platform = "whatsapp") => {
  const { drafts, faults } = normalize(platform, body)
  expect(faults).toEqual([])
  expect(drafts[0]).toMatchObject({ event: "message.received" })
  return drafts.slice(1)
}

const items = (drafts: readonly Draft[]) => drafts.map(({ raw }) => raw.item)

it("tells a list that no document knows, beside messages of WhatsApp, as one event with what surrounds it", () => {
  const metadata = { display_phone_number: "15550100881", phone_number_id: PAGE }
  expect(besides(whatsapp(PAGE, { messages, polls: POLLS }))).toMatchObject([
    {
      event: "event.unmapped",
      pageId: PAGE,
      wabaId: WABA,
      from: "",
      raw: { object: "whatsapp_business_account", entry_id: WABA, field: "messages", item: { polls: POLLS }, metadata },
    },
  ])
})

it("tells what stands beside items on standby, as of standby", () => {
  const [draft, ...more] = besides(whatsapp(PAGE, { standby: { messages, polls: POLLS } }, "standby"))
  expect(draft).toMatchObject({ details: { standby: true }, raw: { item: { polls: POLLS } } })
  expect(more).toEqual([])
})

it.each([
  ["page", "facebook"],
  ["instagram", "instagram"],
] as const)("tells what stands beside messaging of an entry of object %s", (object, platform) => {
  const entry = [{ id: PAGE, time: 1_767_168_240_000, messaging, message_context: { seen: true } }]
  expect(besides({ object, entry }, platform)).toMatchObject([
    {
      event: "event.unmapped",
      pageId: PAGE,
      timestampMs: 1_767_168_240_000,
      raw: { object, entry_id: PAGE, entry_time: 1_767_168_240_000, field: "entry", item: { message_context: {} } },
    },
  ])
})

it("tells what stands beside the changes of a WhatsApp account to those who have the account", () => {
  const body = whatsapp(PAGE, { messages })
  const entry = body.entry.map((each) => ({ ...each, audits: POLLS }))
  expect(besides({ ...body, entry })).toMatchObject([
    { pageId: WABA, raw: { field: "entry", item: { audits: POLLS } } },
  ])
})

it("makes one event of each, also where the known list is empty", () => {
  const entry = [{ id: PAGE, messaging: [], one: [1], two: { three: 3 } }]
  expect(items(normalize("facebook", { object: "page", entry }).drafts)).toEqual([{ one: [1] }, { two: { three: 3 } }])
})

it("tells contacts of WhatsApp that come without items", () => {
  const contacts = [{ wa_id: "16505550134", user_id: "US.1349", profile: { name: "Ann" } }]
  const { drafts, faults } = normalize("whatsapp", whatsapp(PAGE, { contacts }, "consumer_profile"))
  expect(faults).toEqual([])
  expect(drafts).toMatchObject([
    { event: "event.unmapped", pageId: PAGE, raw: { field: "consumer_profile", item: { contacts } } },
  ])
})

it("makes nothing of scalars, of what is empty, and of what is known to accompany items", () => {
  const known = { contacts: [{ wa_id: "7" }], conversation_context: { type: "summary", summary: { text: "…" } } }
  expect(besides(whatsapp(PAGE, { messages, ...known, note: "x", count: 3, none: null, list: [], map: {} }))).toEqual(
    [],
  )
  const entry = [{ id: PAGE, time: 1, messaging, uid: "7", list: [], map: {} }]
  expect(besides({ object: "page", entry }, "facebook")).toEqual([])
})

it("gives it the same id on a redelivery, in another batch, and in any order of keys", () => {
  const idsOf = (value: object) =>
    fullEvents(normalize("whatsapp", whatsapp(PAGE, value)))
      .filter(({ event }) => event === "event.unmapped")
      .map(({ id }) => id)
  const [id] = idsOf({ messages, polls: [{ id: "poll.1", votes: 2 }] })
  expect(idsOf({ polls: [{ votes: 2, id: "poll.1" }], statuses: [{ id: "wamid.2" }] })).toEqual([id])
  expect(idsOf({ messages, polls: [{ id: "poll.2", votes: 2 }] })).not.toEqual([id])
})

it.each([
  ["page", "facebook"],
  ["instagram", "instagram"],
] as const)("makes nothing of what is known to surround items of object %s", (object, platform) => {
  const hop_context = [{ app_id: "263902037430900", metadata: "" }]
  const known = { hop_context, conversation_context: { type: "summary" } }
  for (const field of ["messaging", "standby"]) {
    const entry = [{ id: PAGE, time: 1, [field]: messaging, ...known }]
    expect(besides({ object, entry }, platform)).toEqual([])
  }
})
