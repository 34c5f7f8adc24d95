import { expect, test } from "vitest"
import { contactKeysOf, createRecognize } from "../../src/ingest/recognize.ts"
import { normalize } from "../../src/platforms/index.ts"
import { whatsapp, whatsappText } from "../support/whatsapp.ts"

const strangers = createRecognize({ contacts: { find: () => undefined }, instanceKey: new Uint8Array(32) })
const routed = (platform: "facebook" | "instagram" | "whatsapp", body: object) => {
  const [draft] = normalize(platform, body).drafts
  if (!draft) throw new Error("no event")
  return { appId: "app_default", customerId: "cus_a", receivedAtMs: 1, draft }
}
const page = (entry: object, object = "page") => ({ object, entry: [{ id: "1", time: 1, ...entry }] })
const text = (message: object = {}) =>
  page({
    messaging: [{ sender: { id: "2" }, recipient: { id: "1" }, timestamp: 1, message: { mid: "m_1", ...message } }],
  })
const comment = page({
  changes: [
    { field: "feed", value: { item: "comment", verb: "add", comment_id: "c_1", from: { id: "2", name: "Ann" } } },
  ],
})

test("an event about no person has no conversation and no contact", () => {
  const template = whatsapp("10962", { message_template_id: "7", event: "APPROVED" }, "message_template_status_update")
  const { contact, sighting } = strangers(routed("whatsapp", template))
  expect([contact.conversationId, sighting]).toEqual(["", undefined])
})

test("a sample from Meta's dashboard has a conversation, but no contact", () => {
  const sample = routed("facebook", text())
  const { contact, sighting } = strangers({ ...sample, draft: { ...sample.draft, event: "webhook.test" } })
  expect([contact.conversationId, sighting]).toEqual([expect.stringMatching(/^conv_/), undefined])
})

test("a message from a new contact starts a conversation; a comment belongs to a contact and starts none", () => {
  const seen = (body: object) => strangers(routed("facebook", body)).sighting
  expect(seen(text())).toMatchObject({ scopedId: "2", idType: "psid", startedBy: expect.stringMatching(/^evt_/) })
  expect(seen(comment)).toMatchObject({ scopedId: "2", name: "Ann", startedBy: null })
})

test("the sighting of a contact has its names and its ids, with the kind of id", () => {
  const [phone, bsuid] = ["16505550134", "US.13490000000000001918"]
  const body = whatsapp("10962", {
    contacts: [{ wa_id: phone, user_id: bsuid, profile: { name: "Ann", username: "@ann" } }],
    messages: [{ from: phone, from_user_id: bsuid, id: "wamid.1", type: "text", text: { body: "hi" } }],
  })
  const expected = { idType: "wa_id", name: "Ann", username: "ann", aliases: [{ id: phone }, { id: bsuid }] }
  expect(strangers(routed("whatsapp", body)).sighting).toMatchObject(expected)
  expect(strangers(routed("instagram", { ...text(), object: "instagram" })).sighting).toMatchObject({ idType: "igsid" })
})

test("events that may be of one contact share a key, whichever of its ids they have", () => {
  const [phone, bsuid] = ["16505550134", "US.13490000000000001918"]
  const keys = (ids: { phone?: string; bsuid?: string }) =>
    contactKeysOf(routed("whatsapp", whatsappText("10962", ids)))
  expect(keys({ phone, bsuid })).toEqual([...keys({ phone }), ...keys({ bsuid })])
  const [key] = contactKeysOf(routed("facebook", text()))
  expect(key).toBeDefined()
  expect(contactKeysOf(routed("facebook", comment))).toEqual([key])
})
