import { expect, it } from "vitest"
import { normalize } from "../../src/platforms/index.ts"

const ACCOUNT = "17841400000005512"
const SELF = "1254000000009999"

function made(entryId: string, item: object) {
  const self = { sender: { id: ACCOUNT }, recipient: { id: SELF }, timestamp: 1743480368714, ...item }
  return normalize("instagram", { object: "instagram", entry: [{ id: entryId, time: 1, messaging: [self] }] }).drafts[0]
}

it.each([ACCOUNT, "45202218377435"])(
  "what an account does in a conversation with itself is of that account, in an entry of %s",
  (entryId) => {
    const postback = { mid: "m_1", title: "Start Chatting", payload: "START" }
    expect(made(entryId, { is_self: true, postback })).toMatchObject({
      event: "postback.received",
      pageId: ACCOUNT,
      from: SELF,
      contact: SELF,
    })
  },
)

it("a message that is marked as the account's own beside it is an echo as one that is marked within", () => {
  const message = { mid: "m_1", text: "note" }
  const echo = { event: "message.echo", pageId: ACCOUNT, from: SELF, details: { direction: "outbound" } }
  expect(made(ACCOUNT, { is_self: true, message })).toMatchObject(echo)
  expect(made(ACCOUNT, { message: { ...message, is_self: true } })).toMatchObject(echo)
})
