import { expect, it } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"

const metadata = { phone_number_id: "109620000005922", display_phone_number: "15550100881" }
const around = { messaging_product: "whatsapp", metadata }

const FIELDS = [
  ...["account_alerts", "account_review_update", "account_settings_update", "account_update", "automatic_events"],
  ...["business_capability_update", "business_username_updates", "calls", "consumer_profile", "flows"],
  ...["group_lifecycle_update", "group_participants_update", "group_settings_update", "group_status_update"],
  ...["history", "message_echoes", "message_template_components_update", "message_template_quality_update"],
  ...["message_template_status_update", "messages", "messaging_handovers", "partner_solutions"],
  ...["payment_configuration_update", "phone_number_name_update", "phone_number_quality_update", "security"],
  ...["smb_app_state_sync", "smb_message_echoes", "standby", "template_category_update", "user_id_update"],
  ...["user_preferences", "sparkles", ""],
]

const VALUES: [string, object][] = [
  ["no value", {}],
  ...[null, {}, [], "", 0, false].map((value): [string, object] => [`the value ${JSON.stringify(value)}`, { value }]),
  ["only what surrounds items", { value: around }],
  ["a standby of what surrounds items", { value: { ...around, standby: { contacts: [] } } }],
  ["a contact of nothing", { value: { ...around, contacts: [{ wa_id: "16505550134" }] } }],
  ["an empty chunk of the past", { value: { ...around, history: [{ metadata: { phase: 0 }, threads: [] }] } }],
  ["an empty thread", { value: { ...around, history: [{ threads: [{ id: "16505550134", messages: [] }] }] } }],
  ...["messages", "statuses", "calls", "groups", "errors", "history", "message_echoes", "state_sync"].flatMap((name) =>
    [[], null, {}, [null], [[]], "x"].map((list): [string, object] => [
      `${JSON.stringify(list)} as ${name}`,
      { value: { ...around, [name]: list } },
    ]),
  ),
]

const outcome = (change: object) => {
  const body = { object: "whatsapp_business_account", entry: [{ id: "104810000002398", changes: [change] }] }
  const { drafts, faults } = normalize("whatsapp", body)
  return { events: drafts.map(({ event }) => event), told: drafts.length + faults.length, drafts }
}

it.each(VALUES)("a change of any field gives an event or a fault with %s", (_, change) => {
  const silent = FIELDS.filter((field) => outcome({ field, ...change }).told === 0)
  expect(silent).toEqual([])
})

it.each(FIELDS)("a change of the field '%s' in which there is nothing is unmapped, and told as it is", (field) => {
  for (const value of [{}, around, null, undefined]) {
    const { events, drafts } = outcome({ field, value })
    expect(events).toEqual(["event.unmapped"])
    expect(drafts[0]?.raw.item).toEqual(value ?? { field, value })
  }
})

it("an empty standby is the one change that tells nothing: Meta documents it", () => {
  expect(outcome({ field: "standby", value: { ...around, standby: {} } }).told).toBe(0)
})

it("a list that is empty beside items is none of its own", () => {
  const messages = [{ id: "wamid.1", from: "16505550134", type: "text", text: { body: "a" } }]
  expect(outcome({ field: "messages", value: { ...around, messages, statuses: [] } }).events).toEqual([
    "message.received",
  ])
})
