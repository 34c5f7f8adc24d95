import { expect, it } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"
import { whatsapp } from "../../support/whatsapp.ts"

const OWN = "15550100881"
const PHONE = "16505550134"
const BSUID = "US.13490000000000001918"
const NUMBERS = { from: PHONE, to: OWN }
const SWAPPED = { from: OWN, to: PHONE }

function made(value: object, field: string, metadata?: object) {
  const shown = metadata === undefined ? {} : { metadata: { phone_number_id: "109620000005922", ...metadata } }
  const [draft] = normalize("whatsapp", whatsapp("109620000005922", { ...value, ...shown }, field)).drafts
  return draft
}

const callOf = (call: object, metadata?: object) => made({ calls: [{ id: "wacid.1", ...call }] }, "calls", metadata)

it.each([
  ["as the caller of a call by the business", { ...NUMBERS, direction: "BUSINESS_INITIATED" }, "outbound"],
  ["as the callee of a call by the business", { ...SWAPPED, direction: "BUSINESS_INITIATED" }, "outbound"],
  ["as the caller of a call by a person", { ...NUMBERS, direction: "USER_INITIATED" }, "inbound"],
  ["as the callee of a call by a person", { ...SWAPPED, direction: "USER_INITIATED" }, "inbound"],
  ["as the caller where no direction is told", NUMBERS, "inbound"],
  ["as the callee where no direction is told", SWAPPED, "outbound"],
] as const)("finds the person of a call who is named %s", (_, call, direction) => {
  expect(callOf(call)).toMatchObject({ from: PHONE, contact: PHONE, details: { direction } })
})

it("knows the connected number however it is written", () => {
  const call = { ...NUMBERS, direction: "BUSINESS_INITIATED" }
  expect(callOf(call, { display_phone_number: "+1 (555) 010-0881" })).toMatchObject({ from: PHONE })
})

it("believes a call where Meta does not tell the connected number", () => {
  const call = { ...SWAPPED, direction: "BUSINESS_INITIATED" }
  expect(callOf(call, { display_phone_number: undefined })).toMatchObject({ from: PHONE })
})

it("takes the user id of a call by the business from the callee, whoever is named by the number", () => {
  for (const numbers of [NUMBERS, SWAPPED]) {
    const identity = { wa_id: PHONE, bsuid: BSUID }
    const draft = callOf({ ...numbers, to_user_id: BSUID, direction: "BUSINESS_INITIATED" })
    expect(draft).toMatchObject({ contact: BSUID, details: { identity } })
  }
})

it("takes the only contact for the person of a call where both sides are the connected number", () => {
  const calls = [{ id: "wacid.1", from: OWN, to: OWN, direction: "BUSINESS_INITIATED" }]
  expect(made({ calls, contacts: [{ wa_id: PHONE }] }, "calls")).toMatchObject({ from: PHONE, contact: PHONE })
  expect(made({ calls }, "calls")).toMatchObject({ from: "", contact: "" })
})

it.each([
  ["a message", { messages: [{ id: "wamid.1", from: OWN, from_user_id: BSUID }] }, "messages"],
  ["an echo", { message_echoes: [{ id: "wamid.1", from: OWN, to: OWN, to_user_id: BSUID }] }, "smb_message_echoes"],
  ["a status", { statuses: [{ id: "wamid.1", recipient_id: OWN, recipient_user_id: BSUID }] }, "messages"],
])("gives nobody the connected number as an id of theirs, in %s", (_, value, field) => {
  expect(made(value, field)).toMatchObject({ from: BSUID, details: { identity: { wa_id: undefined, bsuid: BSUID } } })
})
