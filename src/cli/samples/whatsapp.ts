import { freshId, type SampleInput, type Samples } from "./sample.ts"

const DISPLAY_NUMBER = "15550100881"
const BUSINESS_ACCOUNT = "102290129340398"
const IMAGE_SHA256 = "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="
const wamid = () => freshId("wamid.HBgL", 30)
const seconds = (ms: number) => `${Math.floor(ms / 1000)}`

/** Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages */
export const whatsapp: Samples = {
  text: (input) => message(input, { type: "text", text: { body: input.text } }),
  image: (input) =>
    message(input, {
      type: "image",
      image: { caption: input.text, mime_type: "image/jpeg", sha256: IMAGE_SHA256, id: "1003383421387256" },
    }),
  button: (input) =>
    message(input, {
      context: { from: DISPLAY_NUMBER, id: wamid() },
      type: "interactive",
      interactive: { type: "button_reply", button_reply: { id: "change-button", title: "Change" } },
    }),
  reaction: (input) => message(input, { type: "reaction", reaction: { message_id: wamid(), emoji: "👍" } }),
  echo: (input) =>
    change(input, "smb_message_echoes", {
      message_echoes: [
        {
          from: DISPLAY_NUMBER,
          to: input.from,
          id: wamid(),
          timestamp: seconds(input.nowMs),
          type: "text",
          text: { body: input.text },
        },
      ],
    }),
  sent: (input) => status(input, "sent"),
  delivered: (input) => status(input, "delivered"),
  read: (input) => status(input, "read"),
  failed: (input) =>
    status(input, "failed", {
      errors: [{ code: 131026, title: "Message undeliverable", message: "Message undeliverable" }],
    }),
}

function message(input: SampleInput, content: object) {
  const contacts = [{ profile: { name: "Sample Contact" }, wa_id: input.from }]
  const messages = [{ from: input.from, id: wamid(), timestamp: seconds(input.nowMs), ...content }]
  return change(input, "messages", { contacts, messages })
}

function status(input: SampleInput, state: string, more: object = {}) {
  const base = { id: wamid(), status: state, timestamp: seconds(input.nowMs), recipient_id: input.from }
  return change(input, "messages", { statuses: [{ ...base, ...more }] })
}

function change({ page }: SampleInput, field: string, content: object) {
  const metadata = { display_phone_number: DISPLAY_NUMBER, phone_number_id: page }
  const value = { messaging_product: "whatsapp", metadata, ...content }
  return { object: "whatsapp_business_account", entry: [{ id: BUSINESS_ACCOUNT, changes: [{ value, field }] }] }
}
