import { expect, it } from "vitest"
import { normalize } from "../../src/platforms/index.ts"
import { whatsapp } from "../support/whatsapp.ts"

const PHONE = "16505550134"
const BSUID = "US.13490000000000001918"
const GROUP = "Y2FwaV9ncm91cDoxNTU1MDEwMDg4MToxMjAzNjMwMDAwMDAwMDAxMjM0ZD"

/** What a request sent, as those are told it who do not own the conversation. */
function echoOf(request: object) {
  const message = { messaging_product: "whatsapp", type: "text", text: { body: "hi" }, ...request }
  const message_echoes = [{ id: "wamid.1", timestamp: "1785830060", message }]
  const [draft] = normalize("whatsapp", whatsapp("10962", { standby: { message_echoes } }, "standby")).drafts
  return draft
}

it.each([PHONE, `+${PHONE}`, "+1 (650) 555-0134", "1.650.555.0134"])(
  "the receiver of a request is known by the digits of the number, written as %s",
  (to) => {
    const identity = { id: PHONE, id_type: "wa_id", wa_id: PHONE, phone_number: `+${PHONE}` }
    expect(echoOf({ to })).toMatchObject({ event: "message.echo", from: PHONE, contact: PHONE, details: { identity } })
  },
)

it("the receiver of a request is known by the user id", () => {
  const identity = { id: BSUID, id_type: "bsuid", bsuid: BSUID }
  expect(echoOf({ recipient: BSUID })).toMatchObject({ from: BSUID, contact: BSUID, details: { identity } })
  expect(echoOf({ to: PHONE, recipient: BSUID })).toMatchObject({ from: PHONE, contact: BSUID })
})

it("a request to a group is of the group", () => {
  expect(echoOf({ recipient_type: "group", to: GROUP })).toMatchObject({
    from: GROUP,
    contact: GROUP,
    message: { group_id: GROUP },
    details: { identity: { id: GROUP, id_type: "group_id" } },
  })
})

it("a request that names no type sent a text", () => {
  expect(echoOf({ to: PHONE, type: undefined })).toMatchObject({ message: { type: "text", body: "hi" } })
})
