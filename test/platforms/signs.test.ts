import { expect, it } from "vitest"
import { normalize } from "../../src/platforms/index.ts"
import { whatsapp } from "../support/whatsapp.ts"

const OWN = "15550100881"
const PHONE = "16505550134"
const OTHER = "16505550177"
const BSUID = "US.13490000000000001918"

const instagram = (item: object) =>
  normalize("instagram", { object: "instagram", entry: [{ id: "17841", time: 1, messaging: [item] }] }).drafts
const made = (value: object, field = "messages") => normalize("whatsapp", whatsapp("10962", value, field)).drafts

it.each(["is_echo", "is_self"])(
  "a message of the business to itself is an echo where it is marked %s, and where it is not",
  (mark) => {
    const own = { sender: { id: "17841" }, recipient: { id: "17841" }, timestamp: 1 }
    for (const marked of [{ [mark]: true }, {}]) {
      expect(instagram({ ...own, message: { mid: "m_1", text: "note", ...marked } })).toMatchObject([
        { event: "message.echo", contact: "", details: { direction: "outbound" } },
      ])
    }
  },
)

it.each([
  ["its type", { type: "call" }, "messages"],
  ["its field", {}, "calls"],
])("a status is one of a call where only %s says so", (_, sign, field) => {
  const status = { id: "wacid.1", status: "RINGING", timestamp: "1767170115", recipient_id: PHONE, ...sign }
  expect(made({ statuses: [status] }, field)).toMatchObject([
    { event: "call.updated", contact: PHONE, details: { call: { id: "wacid.1", status: "ringing" } } },
  ])
})

const sharing = (phone: string) => ({
  id: "wamid.1",
  type: "contacts",
  contacts: [{ origin: "contact_request", name: { formatted_name: "Ann" }, phones: [{ phone, wa_id: phone }] }],
})

it("a phone that a person shares is theirs where none is known, beside all else that is", () => {
  const contact = { user_id: BSUID, profile: { name: "Ann", username: "@ann" } }
  const [draft] = made({ messages: [{ ...sharing(PHONE), from_user_id: BSUID }], contacts: [contact] })
  expect(draft).toMatchObject({
    from: BSUID,
    details: { identity: { id: BSUID, wa_id: PHONE, phone_number: `+${PHONE}`, bsuid: BSUID, username: "ann" } },
  })
})

it("a phone that a person shares changes nothing where they write from one already", () => {
  for (const ids of [{ from: PHONE }, { from: PHONE, from_user_id: BSUID }]) {
    const [draft] = made({ messages: [{ ...sharing(OTHER), ...ids }] })
    expect(draft).toMatchObject({ from: PHONE, details: { identity: { wa_id: PHONE } } })
  }
})

it("who wrote the message that is replied to is told by the user id where Meta withholds the phone", () => {
  const reply = { id: "wamid.2", from_user_id: BSUID, type: "text", text: { body: "hi" } }
  const repliedTo = (context: object) => made({ messages: [{ ...reply, context }] })[0]?.message?.reply_to
  expect(repliedTo({ id: "wamid.1", from: OWN })).toEqual({ message_id: "wamid.1", from: OWN })
  for (const from of [undefined, ""]) {
    const told = { message_id: "wamid.1", from: BSUID }
    expect(repliedTo({ id: "wamid.1", from, from_user_id: BSUID })).toEqual(told)
  }
  expect(repliedTo({ id: "wamid.1", from: PHONE, from_user_id: BSUID })?.from).toBe(PHONE)
})

it("a message of the past is of its sender or receiver where its thread names nobody", () => {
  const past = { timestamp: "1739230955", type: "text", text: { body: "hi" } }
  const messages = [
    { ...past, id: "wamid.1", from: PHONE },
    { ...past, id: "wamid.2", from: OWN, to: PHONE },
  ]
  for (const thread of [{}, { id: "" }, { context: { parent_user_id: "US.ENT.1" } }]) {
    expect(made({ history: [{ threads: [{ ...thread, messages }] }] }, "history")).toMatchObject([
      { event: "message.history", from: PHONE, contact: PHONE, details: { direction: "inbound" } },
      { event: "message.history", from: PHONE, contact: PHONE, details: { direction: "outbound" } },
    ])
  }
})

it("what surrounds a message of a group is the contact of who spoke", () => {
  const ann = { wa_id: PHONE, profile: { name: "Ann" } }
  const message = { id: "wamid.1", from: PHONE, group_id: "Y2FwaV9ncm91cA", type: "text", text: { body: "hi" } }
  const [draft] = made({ contacts: [{ wa_id: OTHER }, ann], messages: [message] })
  expect(draft).toMatchObject({
    from: "Y2FwaV9ncm91cA",
    message: { author: { name: "Ann" } },
    raw: { contacts: [ann] },
  })
  expect(draft?.details.profile).toBeUndefined()
})

it("the username of a person is told of the past, too, where the thread has it", () => {
  const context = { user_id: BSUID, username: "@ann" }
  const messages = [
    { id: "wamid.1", from_user_id: BSUID, timestamp: "1739230955", type: "text", text: { body: "hi" } },
    { id: "wamid.2", from: OWN, timestamp: "1739230955", type: "text", text: { body: "hello" } },
  ]
  const details = { identity: { id: BSUID, username: "ann" }, profile: { username: "ann" } }
  const told = [{ contact: BSUID, details, raw: { contacts: [context] } }]
  expect(made({ history: [{ threads: [{ context, messages }] }] }, "history")).toMatchObject([...told, ...told])
})
