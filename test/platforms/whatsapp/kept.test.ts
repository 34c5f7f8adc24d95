import { describe, expect, it } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"
import { whatsapp } from "../../support/whatsapp.ts"
import { breaches } from "../support/contract.ts"
import { fullEvents } from "../support/fixtures.ts"

const PHONE = "16505550134"
const BSUID = "US.13490000000000001918"
const contacts = [{ wa_id: PHONE, user_id: BSUID, profile: { name: "Ann" } }]

function made(value: object, field = "messages") {
  const normalized = normalize("whatsapp", whatsapp("10962", value, field))
  expect(fullEvents(normalized).map(breaches)).toEqual(normalized.drafts.map(() => null))
  return normalized.drafts
}
const messageOf = (message: object) => made({ messages: [{ id: "wamid.1", from: PHONE, ...message }] })[0]?.message

it.each([
  ["an unknown field", "sparkles", { sparkle: {} }],
  ["an unknown list", "messages", { sparkles: [{ a: 1 }] }],
  ["an error", "messages", { errors: [{ code: 131035 }] }],
  ["an action", "messages", { user_actions: [{ action_type: "click" }] }],
  ["nothing else", "messages", {}],
])("of a change that stays unmapped with %s its only contact tells whom it is about", (_, field, value) => {
  const details = { identity: { wa_id: PHONE, bsuid: BSUID }, profile: { name: "Ann" } }
  expect(made({ contacts, ...value }, field)).toMatchObject([{ event: "event.unmapped", contact: BSUID, details }])
  expect(made({ contacts: [...contacts, { wa_id: "16505550172" }], ...value }, field)).toMatchObject([{ contact: "" }])
})

it("an account's change is of nobody", () => {
  expect(made({ contacts, event: "VERIFIED_ACCOUNT" }, "account_update")).toMatchObject([{ from: "", contact: "" }])
})

it.each([
  ["app id", { previous_owner_app_id: "1", previous_owner_role: "a", previous_owner_app_role: "b" }, "1"],
  ["role", { previous_owner_role: "a", previous_owner_app_role: "b" }, "a"],
  ["role of the app", { previous_owner_app_role: "b" }, "b"],
])("a handover tells the %s of both owners, and is of its sender", (_, owner, told) => {
  const next = Object.fromEntries(Object.entries(owner).map(([key, value]) => [key.replace("previous", "new"), value]))
  for (const key of ["control_passed", "control_taken"]) {
    const value = { sender: { wa_id: PHONE }, [key]: { ...owner, ...next } }
    const control = { from_owner: told, to_owner: told, reason: key }
    expect(made(value, "messaging_handovers")).toMatchObject([{ from: PHONE, details: { control } }])
  }
})

describe("a message keeps", () => {
  it.each([
    ["a text", { body: "hi" }, { body: "hi" }],
    ["a text by its other name", { text: "hi" }, { body: "hi" }],
    ["a link", { url: "https://a", title: "A" }, { body: "", unsupported: { url: "https://a", title: "A" } }],
    [
      "media",
      { id: "1", mime_type: "image/png", url: "https://a", caption: "look" },
      { body: "look", media_url: "https://a", attachments: [{ type: "image", id: "1", mime_type: "image/png" }] },
    ],
    ["media of no known kind", { id: "1", mime_type: "model/gltf" }, { attachments: [{ type: "document", id: "1" }] }],
  ])("%s of a type that is not known", (_, sparkle, expected) => {
    const message = messageOf({ type: "sparkle", sparkle })
    expect(message).toMatchObject({ type: "unsupported", ...expected })
    expect(message?.unsupported?.type).toBe("sparkle")
  })

  it("a text that is no object", () => {
    expect(messageOf({ type: "text", text: "hi" })).toMatchObject({ type: "text", body: "hi" })
  })

  it("a card that is in no list", () => {
    const card = { name: { formatted_name: "Ann" } }
    expect(messageOf({ type: "contacts", contacts: card })).toMatchObject({ type: "contacts", contacts: [card] })
  })

  it.each([{}, { latitude: "", longitude: "" }, { latitude: 1 }, { latitude: null, longitude: 2 }])(
    "the name of a place that is at %j",
    (where) => {
      const named = { name: "Cafe", address: "1 Main St", url: "https://a" }
      expect(messageOf({ type: "location", location: { ...where, ...named } })?.location).toEqual(named)
      expect(messageOf({ type: "location", location: where })?.location).toBeUndefined()
    },
  )

  it("the details of an error where they stood before", () => {
    const error = { code: 131051, title: "t", details: "d" }
    const told = [{ code: 131051, title: "t", details: "d" }]
    expect(messageOf({ type: "unsupported", errors: [error] })?.unsupported?.errors).toMatchObject(told)
    const status = { id: "wamid.1", status: "failed", recipient_id: PHONE, errors: [error] }
    expect(made({ statuses: [status] })).toMatchObject([{ details: { status: { errors: told } } }])
  })

  it.each([
    [{ flow_token: "T", a: 1 }, "T", undefined],
    ['{"flow_token":"T","a":1}', "T", '{"flow_token":"T","a":1}'],
    [["a"], "", undefined],
  ])("the answer of a flow as %j", (response_json, payload, response_raw) => {
    const interactive = { type: "nfm_reply", nfm_reply: { name: "flow", response_json } }
    const response = typeof response_json === "string" ? JSON.parse(response_json) : response_json
    const action = { kind: "flow_reply", payload, response, response_raw }
    expect(messageOf({ type: "interactive", interactive })?.action).toMatchObject(action)
  })

  it.each([
    ["more keys", { product_retailer_id: "1", quantity: 2, item_price: 3, currency: "USD", name: "x" }, true],
    ["a price in words", { product_retailer_id: "1", quantity: 2, item_price: "on request" }, true],
    ["no more than is read", { product_retailer_id: "1", quantity: "2", item_price: "3.5", currency: "USD" }, false],
    ["a text alone", "sku-1", true],
  ])("an order's item of %s as it was sent", (_, item, isTold) => {
    const order = messageOf({ type: "order", order: { product_items: [item] } })?.order
    expect(order?.items.map(({ raw }) => raw)).toEqual([isTold ? item : undefined])
  })
})
