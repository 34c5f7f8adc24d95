import { expect, it } from "vitest"
import { normalize } from "../../src/platforms/index.ts"
import { whatsapp } from "../support/whatsapp.ts"

const ADDRESS = { name: "address_message", body: "Ann\n 400000", response_json: '{"values":{"city":"Pune"}}' }

function messageOf(given: object) {
  const message = { id: "wamid.1", from: "16505550134", timestamp: "1671498855", ...given }
  return normalize("whatsapp", whatsapp("10962", { messages: [message] })).drafts[0]?.message
}

it.each(["nfm_reply", "interactive", "constructor", "__proto__", undefined])(
  "an answer is found by itself where it is said to be %s",
  (type) => {
    expect(messageOf({ type: "interactive", interactive: { type, nfm_reply: ADDRESS } })).toMatchObject({
      type: "interactive",
      body: ADDRESS.body,
      action: { kind: "address_reply", response: { values: { city: "Pune" } } },
    })
  },
)

it.each([
  ["text", { text: { body: "hi" } }, { body: "hi" }],
  ["interactive", { interactive: { nfm_reply: ADDRESS } }, { body: ADDRESS.body }],
  ["image", { image: { id: "7", caption: "look" } }, { body: "look" }],
])("a message without a type is of the type whose content it has: %s", (type, content, told) => {
  expect(messageOf(content)).toMatchObject({ type, ...told })
})

it("a message with neither type nor content is unsupported", () => {
  expect(messageOf({})).toMatchObject({ type: "unsupported", body: "" })
})
