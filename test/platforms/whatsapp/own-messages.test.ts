import { expect, it } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"
import { whatsapp } from "../../support/whatsapp.ts"

const OWN = "15550100881"
const PAGE = "109620000005922"
const PHONE = "16505550134"
const BSUID = "US.13490000000000001918"
const GROUP = "Y2FwaV9ncm91cDox"
const text = { id: "wamid.1", timestamp: "1767168000", type: "text", text: { body: "note" } }

const madeOf = (value: object, field = "messages") => normalize("whatsapp", whatsapp(PAGE, value, field)).drafts
const echo = { event: "message.echo", details: { direction: "outbound", origin: { kind: "unknown" } } }

it.each([
  ["to nobody that is told", {}, undefined, ""],
  ["to itself", { to: OWN }, undefined, ""],
  ["to itself, as its own contact", {}, [{ wa_id: OWN, profile: { name: "We" } }], ""],
  ["to itself by its id", { from: PAGE }, [{ wa_id: PAGE }], ""],
  ["with its number written out", { from: "+1 555-010-0881" }, undefined, ""],
  ["to a person", { to: PHONE }, undefined, PHONE],
  ["to a person known by a user id", { to_user_id: BSUID }, undefined, BSUID],
  ["beside one contact", {}, [{ wa_id: PHONE }], PHONE],
  ["with a user id", { from_user_id: BSUID }, undefined, BSUID],
  ["into a group", { group_id: GROUP }, [{ wa_id: OWN }], GROUP],
])("a message of the connected number %s is an echo", (_, message, contacts, from) => {
  const value = { contacts, messages: [{ ...text, from: OWN, ...message }] }
  expect(madeOf(value)).toMatchObject([{ ...echo, from, contact: from }])
  expect(madeOf({ standby: value }, "standby")).toMatchObject([{ event: "message.echo", from, contact: from }])
})

it.each([
  ["a reaction", { type: "reaction", reaction: { message_id: "wamid.2", emoji: "x" } }, "message.reaction"],
  ["an edit", { type: "edit", edit: { original_message_id: "wamid.2", message: text } }, "message.edited"],
  ["a deletion", { type: "revoke", revoke: { original_message_id: "wamid.2" } }, "message.deleted"],
])("%s by the connected number is outbound", (_, item, event) => {
  const made = madeOf({ messages: [{ id: "wamid.1", from: OWN, to: PHONE, ...item }] })
  expect(made).toMatchObject([{ event, from: PHONE, details: { direction: "outbound" } }])
})

it("a deletion by the connected number is the business's", () => {
  const revoke = { id: "wamid.1", from: OWN, type: "revoke", revoke: { original_message_id: "wamid.2" } }
  expect(madeOf({ messages: [revoke] })).toMatchObject([{ message: { deleted: { by: "business" } } }])
})

const user_preferences = [{ wa_id: OWN, value: "stop" }]
const state_sync = [{ type: "contact", action: "add", contact: { phone_number: OWN, full_name: "We" } }]
const system = { type: "user_changed_number", wa_id: OWN, body: "changed" }
const card = { origin: "contact_request", phones: [{ wa_id: OWN }] }

it.each([
  ["an echo", "smb_message_echoes", { message_echoes: [{ ...text, from: OWN, to: OWN }] }],
  ["a status", "messages", { statuses: [{ id: "wamid.1", status: "read", recipient_id: OWN }] }],
  ["an opt-out", "user_preferences", { user_preferences }],
  ["an address book", "smb_app_state_sync", { state_sync }],
  ["a call", "calls", { calls: [{ id: "wacid.1", event: "connect", from: OWN, to: OWN }] }],
  ["a thread of the past", "history", { history: [{ threads: [{ id: OWN, messages: [{ ...text, from: OWN }] }] }] }],
  ["a handover", "messaging_handovers", { type: "control_passed", sender: { phone_number: OWN }, control_passed: {} }],
  ["a change of number", "messages", { messages: [{ id: "wamid.1", from: PHONE, type: "system", system }] }],
  ["a shared card", "messages", { messages: [{ ...text, from_user_id: BSUID, type: "contacts", contacts: [card] }] }],
])("the connected number is nobody's id in %s", (_, field, value) => {
  const made = madeOf(value, field)
  expect(made).toHaveLength(1)
  for (const { from, contact, details } of made) {
    expect([from, contact, details.identity?.wa_id, details.previous_identity?.wa_id]).not.toContain(OWN)
  }
})
