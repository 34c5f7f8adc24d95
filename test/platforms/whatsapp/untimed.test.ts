import { expect, it } from "vitest"
import { eventId } from "../../../src/core/event/ids.ts"
import { normalize } from "../../../src/platforms/index.ts"

const PHONE = "16505550134"
const OWN = "15550100881"
const GROUP = "Y2FwaV9ncm91cDox"
const text = { from: PHONE, type: "text", text: { body: "a" } }
const metadata = { phone_number_id: "109620000005922", display_phone_number: OWN }
const recipient = { recipient: metadata }

const items: [string, string, object][] = [
  ["a message", "messages", { messages: [text] }],
  ["a message on standby", "standby", { standby: { messages: [text] } }],
  ["an echo", "smb_message_echoes", { message_echoes: [{ ...text, from: OWN, to: PHONE }] }],
  ["a reaction", "messages", { messages: [{ from: PHONE, type: "reaction", reaction: { message_id: "wamid.1" } }] }],
  [
    "a changed number",
    "messages",
    {
      messages: [{ from: PHONE, type: "system", system: { type: "user_changed_number", wa_id: "16505550172" } }],
    },
  ],
  ["another system message", "messages", { messages: [{ from: PHONE, type: "system", system: { type: "other" } }] }],
  ["a changed user id", "user_id_update", { user_id_update: [{ user_id: { previous: "US.1", current: "US.2" } }] }],
  ["a status", "messages", { statuses: [{ status: "read", recipient_id: PHONE }] }],
  ["a call", "calls", { calls: [{ from: PHONE, event: "connect" }] }],
  ["a call without an event", "calls", { calls: [{ id: "wacid.1", from: PHONE }] }],
  ["an opt-out", "user_preferences", { user_preferences: [{ wa_id: PHONE, value: "stop" }] }],
  ["a group", "group_status_update", { groups: [{ group_id: GROUP, type: "group_suspend" }] }],
  ["an address book", "smb_app_state_sync", { state_sync: [{ action: "add", contact: { phone_number: PHONE } }] }],
  ["a link that was clicked", "messages", { user_actions: [{ action_type: "click" }] }],
  ["an error", "messages", { errors: [{ code: 131035 }] }],
  ["a declined history", "history", { history: [{ errors: [{ code: 2593109 }] }] }],
  ["a message of the past", "history", { history: [{ threads: [{ id: PHONE, messages: [text] }] }] }],
  ["a handover", "messaging_handovers", { ...recipient, type: "control_passed", sender: { phone_number: PHONE } }],
  ["a handover of nobody", "messaging_handovers", { ...recipient, control_passed: {} }],
  ["an account", "account_update", { event: "VERIFIED_ACCOUNT" }],
  ["a template", "message_template_status_update", { event: "APPROVED", message_template_id: 1 }],
  ["an unknown field", "sparkles", { sparkle: { colour: "red" } }],
  ["an unknown list", "messages", { sparkles: [{ colour: "red" }] }],
]

function idsOf(field: string, value: object, entryTime: number) {
  const change = { field, value: { metadata, ...value } }
  const entry = [{ id: "1", time: entryTime, changes: [change] }]
  return normalize("whatsapp", { object: "whatsapp_business_account", entry }).drafts.map(eventId)
}

it.each(items)("%s without id and time is another one at another time, and the same at the same", (_, field, value) => {
  const [first, again, later] = [
    idsOf(field, value, 1767168000),
    idsOf(field, value, 1767168000),
    idsOf(field, value, 1767168060),
  ]
  expect(first).toHaveLength(1)
  expect(again).toEqual(first)
  expect(later).not.toEqual(first)
})

it.each(items)("%s without id and entry's time is told by the time of its change", (_, field, value) => {
  const at = (timestamp: string) => {
    const change = { field, value: { metadata, ...value, timestamp } }
    const entry = [{ id: "1", changes: [change] }]
    return normalize("whatsapp", { object: "whatsapp_business_account", entry }).drafts.map(eventId)
  }
  expect(at("1767168060")).not.toEqual(at("1767168000"))
})

it("handovers without any time are told apart by what they say", () => {
  const passedTo = (role: string) => {
    const value = {
      ...recipient,
      type: "control_passed",
      sender: { phone_number: PHONE },
      control_passed: { new_owner_role: role },
    }
    const entry = [{ id: "1", changes: [{ field: "messaging_handovers", value }] }]
    return normalize("whatsapp", { object: "whatsapp_business_account", entry }).drafts.map(eventId)
  }
  expect(passedTo("ai_agent")).not.toEqual(passedTo("human"))
})
