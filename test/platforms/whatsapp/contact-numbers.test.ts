import { describe, expect, it } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"
import { whatsapp } from "../../support/whatsapp.ts"

const LONG = "5511987654321"
const SHORT = "551187654321"
const OTHER = "16505550134"
const BSUID = "BR.13490000000000001918"
const contact = { wa_id: SHORT, user_id: BSUID, profile: { name: "Ana", username: "@ana" } }
const text = { id: "wamid.1", timestamp: "1767168000", type: "text", text: { body: "oi" } }
const joined = {
  from: LONG,
  contact: BSUID,
  details: {
    identity: { id: LONG, id_type: "wa_id", wa_id: LONG, bsuid: BSUID, username: "ana" },
    profile: { name: "Ana", username: "ana" },
  },
}

const madeOf = (value: object, field = "messages") => normalize("whatsapp", whatsapp("10962", value, field)).drafts

describe("an item and the contact beside it are one person where", () => {
  it.each([
    ["a message", "messages", { messages: [{ ...text, from: LONG }] }],
    ["an echo", "smb_message_echoes", { message_echoes: [{ ...text, from: "15550100881", to: LONG }] }],
    ["a status", "messages", { statuses: [{ id: "wamid.1", status: "read", recipient_id: LONG }] }],
    ["a call", "calls", { calls: [{ id: "wacid.1", from: LONG, event: "connect", direction: "USER_INITIATED" }] }],
    ["an opt-out", "user_preferences", { user_preferences: [{ wa_id: LONG, value: "stop" }] }],
  ])("%s names the other number of the contact's line", (_, field, value) => {
    expect(madeOf({ contacts: [contact], ...value }, field)).toMatchObject([joined])
  })

  it.each([
    ["Mexico", "5215512345678", "525512345678"],
    ["Argentina", "5491123456789", "541123456789"],
  ])("the numbers are the two of a line in %s, either way round", (_, one, other) => {
    for (const [from, wa_id] of [
      [one, other],
      [other, one],
    ]) {
      const made = madeOf({ contacts: [{ ...contact, wa_id }], messages: [{ ...text, from }] })
      expect(made).toMatchObject([{ from, contact: BSUID, details: { profile: { name: "Ana" } } }])
    }
  })

  it("there are several of each", () => {
    const contacts = [{ ...contact, wa_id: OTHER, user_id: "US.1", profile: { name: "Ann" } }, contact]
    const made = madeOf({
      contacts,
      messages: [
        { ...text, from: LONG },
        { ...text, id: "wamid.2", from: OTHER },
      ],
    })
    expect(made).toMatchObject([joined, { contact: "US.1", details: { profile: { name: "Ann" } } }])
  })

  it("there is one of each, however the numbers differ", () => {
    const made = madeOf({ contacts: [{ ...contact, wa_id: "4915100000000" }], messages: [{ ...text, from: LONG }] })
    expect(made).toMatchObject([joined])
  })

  it("there is one of each on standby", () => {
    const standby = { contacts: [contact], messages: [{ ...text, from: LONG }] }
    expect(madeOf({ standby }, "standby")).toMatchObject([joined])
  })

  it("a thread of the past tells its own", () => {
    const context = { wa_id: SHORT, user_id: BSUID, username: "ana" }
    const thread = { id: LONG, context, messages: [{ ...text, from: LONG }] }
    expect(madeOf({ history: [{ threads: [thread] }] }, "history")).toMatchObject([{ from: LONG, contact: BSUID }])
  })
})

describe("an item and the contact beside it stay two where", () => {
  const nobodyElse = { from: LONG, contact: LONG, details: { profile: undefined } }

  it("there are several items, and another number", () => {
    const messages = [
      { ...text, from: LONG },
      { ...text, id: "wamid.2", from: OTHER },
    ]
    expect(madeOf({ contacts: [{ ...contact, wa_id: OTHER }], messages })[0]).toMatchObject(nobodyElse)
  })

  it("a message and a status come together", () => {
    const value = {
      contacts: [{ ...contact, wa_id: OTHER }],
      messages: [{ ...text, from: LONG }],
      statuses: [{ id: "wamid.2", status: "read", recipient_id: OTHER }],
    }
    expect(madeOf(value)[0]).toMatchObject(nobodyElse)
  })

  it("each has a user id of its own", () => {
    const messages = [{ ...text, from: LONG, from_user_id: "BR.2" }]
    const [made] = madeOf({ contacts: [{ ...contact, wa_id: OTHER }], messages })
    expect(made).toMatchObject({ from: LONG, contact: "BR.2", details: { profile: undefined } })
  })
})

it("knows the connected number by either number of its line", () => {
  const metadata = { phone_number_id: "10962", display_phone_number: "+55 11 98765-4321" }
  const call = { id: "wacid.1", from: SHORT, to: OTHER, event: "connect" }
  const made = madeOf({ metadata, calls: [call] }, "calls")
  expect(made).toMatchObject([{ from: OTHER, contact: OTHER, details: { direction: "outbound" } }])
})
