import { expect, it } from "vitest"
import { render } from "../../src/core/event/compose.ts"
import { parseJsonText } from "../../src/core/json/json.ts"
import { normalize } from "../../src/platforms/index.ts"
import { composeDraft, fullEvents } from "./support/fixtures.ts"

const SEED = {
  object: "page",
  entry: [
    {
      id: "PAGE_ID",
      time: 1747231892123,
      messaging: [
        {
          sender: { id: "12345678901234" },
          recipient: { id: "PAGE_ID" },
          timestamp: 1747231892100,
          message: { mid: "m_abc123...", text: "Hello! I need help with my order." },
        },
      ],
    },
  ],
}

const COMPACT =
  '{"platform":"facebook","event":"message.received","timestamp":1747231892,"from":"12345678901234","page_id":"PAGE_ID",' +
  '"conversation_id":"conv_fb_vmb2y666d0g34b23g31891jcnw","message":{"type":"text","body":"Hello! I need help with my order.","id":"m_abc123..."},' +
  '"signature_verified":true}'

function seed() {
  const [draft] = normalize("facebook", SEED).drafts
  if (draft === undefined) throw new Error("no event")
  return draft
}

it("gives the example of the contract, character by character", () => {
  const { body, compactLength } = composeDraft(seed())
  expect(render(body, compactLength, "compact", null)).toBe(COMPACT)
  expect(body.slice(0, compactLength)).toBe(COMPACT.slice(0, -1))
})

it("identifies the example by its mid, so its id is the golden one", () => {
  expect(seed().native).toBe("m_abc123...")
  expect(JSON.parse(composeDraft(seed()).body).id).toBe("evt_6d12tkfvakcfw7cj59zbwpxg30")
})

it("gives one item on two routes and in two batches the same id", () => {
  const item = SEED.entry[0]?.messaging[0]
  const routes = [
    { object: "page", entry: [{ id: "PAGE_ID", time: 1747231999999, messaging: [item] }] },
    { object: "page", entry: [{ id: "PAGE_ID", time: 1747231899999, standby: [item] }] },
  ]
  const ids = [SEED, ...routes].map((body) => fullEvents(normalize("facebook", body))[0]?.id)
  expect(new Set(ids).size).toBe(1)
})

it("tells a message, its deletion and each of its statuses apart", () => {
  const status = (state: string, participant?: string) => ({
    id: "wamid.1",
    status: state,
    timestamp: "1767168000",
    recipient_id: "16505550134",
    recipient_participant_id: participant,
  })
  const value = {
    metadata: { phone_number_id: "109620000005922" },
    messages: [{ id: "wamid.1", from: "16505550134", timestamp: "1767168000", type: "text", text: { body: "a" } }],
    statuses: [status("sent"), status("delivered"), status("delivered", "1"), status("delivered", "2")],
  }
  const body = { object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages", value }] }] }
  const ids = fullEvents(normalize("whatsapp", body)).map(({ id }) => id)
  expect(new Set(ids).size).toBe(5)
})

it("tells apart a placeholder of the history, the media that follow it, and the same message live", () => {
  const item = { id: "wamid.1", from: "16505550134", timestamp: "1738796547" }
  const media = { ...item, type: "image", image: { id: "1" } }
  const metadata = { phone_number_id: "109620000005922", display_phone_number: "15550100881" }
  const placeholder = { ...item, type: "media_placeholder" }
  const changes = [
    { field: "history", value: { metadata, history: [{ threads: [{ id: item.from, messages: [placeholder] }] }] } },
    { field: "history", value: { metadata, messages: [media] } },
    { field: "messages", value: { metadata, messages: [media] } },
  ]
  const events = fullEvents(
    normalize("whatsapp", { object: "whatsapp_business_account", entry: [{ id: "1", changes }] }),
  )
  expect(events.map(({ event }) => event)).toEqual(["message.history", "message.history", "message.received"])
  expect(new Set(events.map(({ id }) => id)).size).toBe(3)
})

it("keeps every digit of ids that Meta sends as bare numbers", () => {
  const text =
    '{"object":"page","entry":[{"id":90071992547409931,"messaging":[{"sender":{"id":90071992547409933},' +
    '"recipient":{"id":90071992547409931},"timestamp":1747231892100,"message":{"mid":"m_1","text":"hi"}}]}]}'
  const [draft] = normalize("facebook", parseJsonText(text)).drafts
  expect(draft).toMatchObject({ pageId: "90071992547409931", from: "90071992547409933" })
  // Parsed by others the digits are lost, and no id is better than a wrong one.
  expect(normalize("facebook", JSON.parse(text)).faults).toMatchObject([{ reason: "names no page" }])
})

it("puts the raw item into either payload where it is asked for, and always into what is unmapped", () => {
  const { body, compactLength, raw } = composeDraft(seed(), true)
  const item = { object: "page", entry_id: "PAGE_ID", entry_time: 1747231892123, field: "messaging" }
  for (const payload of ["full", "compact"] as const) {
    expect(JSON.parse(render(body, compactLength, payload, raw)).raw).toEqual({
      ...item,
      item: SEED.entry[0]?.messaging[0],
    })
    expect(JSON.parse(render(body, compactLength, payload, null))).not.toHaveProperty("raw")
  }
  const [unmapped] = normalize("facebook", {
    object: "page",
    entry: [{ id: "1", messaging: [{ sparkle: {} }] }],
  }).drafts
  if (unmapped === undefined) throw new Error("no event")
  const composed = composeDraft(unmapped, true)
  expect(composed.raw).toBeNull()
  for (const payload of ["full", "compact"] as const) {
    const sent = JSON.parse(render(composed.body, composed.compactLength, payload, composed.raw))
    expect(sent.raw.item).toEqual({ sparkle: {} })
  }
})
