import { expect, it } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"
import { whatsapp } from "../../support/whatsapp.ts"

const PHONE = "16505550134"
const BSUID = "US.13490000000000001918"
const PARENT = "US.ENT.11810000000000004830"
const contact = { user_id: BSUID, parent_user_id: PARENT, profile: { name: "Ann", username: "@ann" } }

function made(value: object, field = "messages") {
  const [draft] = normalize("whatsapp", whatsapp("10962", value, field)).drafts
  return draft
}
const statusOf = (status: object, contacts?: object[]) =>
  made({ contacts, statuses: [{ id: "wamid.1", status: "delivered", timestamp: "1750030073", ...status }] })

it("the receiver of a message that was sent to a parent's id is the contact who has it", () => {
  expect(statusOf({ recipient_user_id: PARENT }, [contact])).toMatchObject({
    from: BSUID,
    contact: BSUID,
    details: { identity: { id: BSUID, bsuid: BSUID, parent_bsuid: PARENT, username: "ann" }, profile: { name: "Ann" } },
  })
  const both = statusOf({ recipient_id: PHONE, recipient_user_id: PARENT }, [contact])
  expect(both).toMatchObject({ from: PHONE, contact: BSUID, details: { identity: { wa_id: PHONE, bsuid: BSUID } } })
})

it("a parent's id is all that is told of a receiver where no contact has it", () => {
  for (const contacts of [undefined, [{ user_id: "US.2", parent_user_id: "US.ENT.2" }]]) {
    expect(statusOf({ recipient_user_id: PARENT }, contacts)).toMatchObject({ from: PARENT, contact: PARENT })
  }
})

it.each(["recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id"])(
  "the parent's id of a receiver is read from %s",
  (key) => {
    const identity = { bsuid: BSUID, parent_bsuid: PARENT }
    expect(statusOf({ recipient_user_id: BSUID, [key]: PARENT })).toMatchObject({ details: { identity } })
  },
)
