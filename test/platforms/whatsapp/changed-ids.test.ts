import { expect, it } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"
import { whatsapp } from "../../support/whatsapp.ts"

const PHONE = "16505550134"
const NEW_PHONE = "16505550172"
const phone = (wa_id: string) => ({ id: wa_id, id_type: "wa_id", wa_id })
const bsuid = (id: string) => ({ id, id_type: "bsuid", bsuid: id })

const madeOf = (value: object, field = "messages") => normalize("whatsapp", whatsapp("10962", value, field)).drafts
const systemOf = (system: object, sender: object = {}) =>
  madeOf({ messages: [{ id: "wamid.1", timestamp: "1767168000", type: "system", ...sender, system }] })

it.each([
  ["the new user id alone", { type: "user_changed_user_id", user_id: "US.2" }, {}, bsuid("US.2")],
  ["the former user id alone", { type: "user_changed_user_id", previous_user_id: "US.1" }, {}, bsuid("US.1")],
  ["the former user id, by its sender", { type: "user_changed_user_id" }, { from_user_id: "US.1" }, bsuid("US.1")],
  ["the new number alone", { type: "user_changed_number", wa_id: NEW_PHONE }, {}, phone(NEW_PHONE)],
  [
    "the new number alone, in the old key",
    { type: "customer_changed_number", new_wa_id: NEW_PHONE },
    {},
    phone(NEW_PHONE),
  ],
  ["the old number alone", { type: "user_changed_number" }, { from: PHONE }, phone(PHONE)],
  ["the old number alone, as the customer's", { type: "customer_changed_number", customer: PHONE }, {}, phone(PHONE)],
  ["a user id, in a change that is not known", { type: "other", user_id: "US.2" }, {}, bsuid("US.2")],
  ["a user id in the place of a number", { type: "user_changed_user_id", wa_id: "US.2" }, {}, bsuid("US.2")],
  ["the customer whose identity changed", { type: "customer_identity_changed", customer: PHONE }, {}, phone(PHONE)],
  ["a user id, and no type", { user_id: "US.2" }, {}, bsuid("US.2")],
])("a system message that tells %s is of that person", (_, system, sender, identity) => {
  const { id: from } = identity
  expect(systemOf(system, sender)).toMatchObject([
    { event: "event.unmapped", from, contact: from, details: { identity } },
  ])
})

it("the customer of a system message is the number before the change where its sender is not told", () => {
  expect(systemOf({ type: "customer_changed_number", customer: PHONE, new_wa_id: NEW_PHONE })).toMatchObject([
    { event: "identity.updated", from: NEW_PHONE, contact: PHONE, details: { previous_identity: phone(PHONE) } },
  ])
})

it.each([
  ["the new one", { user_id: { current: "US.2" } }, "US.2"],
  ["the old one", { user_id: { previous: "US.1" } }, "US.1"],
  ["a number", { wa_id: PHONE, user_id: {} }, PHONE],
])("an update of a user id that tells %s alone is of that person", (_, update, from) => {
  expect(madeOf({ user_id_update: [update] }, "user_id_update")).toMatchObject([
    { event: "event.unmapped", from, contact: from, details: { identity: { id: from } } },
  ])
})

it("a system message that names nobody is of the only contact", () => {
  const messages = [{ id: "wamid.1", type: "system", system: { type: "other" } }]
  expect(madeOf({ messages, contacts: [{ wa_id: PHONE }] })).toMatchObject([{ from: PHONE }])
})
