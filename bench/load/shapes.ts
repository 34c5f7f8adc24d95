import type { Page, Platform } from "./world.ts"

/** Precedes the event number in every message id, so that the receiver can identify the event. */
export const MARKER = "Onehook0bench"
export const NUMBER_DIGITS = 10

export interface ShapeContext {
  page: Page
  contact: string
  nowMs: number
  text: string
  /** Returns a new message id and counts the item that carries it as one event of this name. */
  id(event: string): string
}

interface Shape {
  platform: Platform
  weight: number
  build(context: ShapeContext): unknown
}

/** Messenger and Instagram: entries of one page with the items of a conversation. */
function messaging(
  object: "page" | "instagram",
  { page, contact, nowMs }: ShapeContext,
  items: object[],
  echo = false,
) {
  const [sender, recipient] = echo ? [page.pageId, contact] : [contact, page.pageId]
  const people = { sender: { id: sender }, recipient: { id: recipient }, timestamp: nowMs }
  const list = items.map((item) => ({ ...people, ...item }))
  return { object, entry: [{ id: page.pageId, time: nowMs + 312, messaging: list }] }
}

function whatsapp({ page }: ShapeContext, value: object) {
  const metadata = { display_phone_number: "15550100881", phone_number_id: page.pageId }
  const change = { value: { messaging_product: "whatsapp", metadata, ...value }, field: "messages" }
  return { object: "whatsapp_business_account", entry: [{ id: page.wabaId, changes: [change] }] }
}

function whatsappMessage(context: ShapeContext, content: object) {
  const { contact, nowMs } = context
  const message = { from: contact, id: wamid(context, "message.received"), timestamp: seconds(nowMs), ...content }
  return whatsapp(context, {
    contacts: [{ profile: { name: "Test Customer" }, wa_id: contact }],
    messages: [message],
  })
}

function whatsappStatus(context: ShapeContext, status: string) {
  const conversation = { id: "6ceb9d929c9bdc4f90e967a32f8639b4", origin: { type: "service" } }
  const pricing = { billable: true, pricing_model: "CBP", category: "service" }
  const common = { id: wamid(context, "status.update"), status, timestamp: seconds(context.nowMs) }
  const extra = status === "read" ? {} : { conversation, pricing }
  return whatsapp(context, { statuses: [{ ...common, recipient_id: context.contact, ...extra }] })
}

const seconds = (ms: number) => String(Math.floor(ms / 1000))
const mid = (context: ShapeContext, event: string) =>
  `m_elHE3fgP90BfNbUl92_HJnX3gCW-bV7z5MCx9V444cBRoD2s5${context.id(event)}`
const igMid = (context: ShapeContext, event: string) =>
  `aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxFY_T50Db1SULF1OjY51xtNP2d-x6VoFByqddx6H${context.id(event)}ZD`
const wamid = (context: ShapeContext, event: string) => `wamid.HBgLp2RFNRmpGKUh6QR${context.id(event)}`
const image = { type: "image", payload: { url: "https://scontent.xx.fbcdn.net/v/sample.jpg?oh=1&oe=2" } }

export function messengerTexts(context: ShapeContext, count: number): unknown {
  const text = () => ({ message: { mid: mid(context, "message.received"), text: context.text } })
  return messaging("page", context, Array.from({ length: count }, text))
}

export const messengerText = (context: ShapeContext) => messengerTexts(context, 1)

/** The kinds of webhook in the mix. The weights estimate a support inbox's traffic and add up to 100. */
export const SHAPES: readonly Shape[] = [
  { platform: "facebook", weight: 24, build: messengerText },
  { platform: "facebook", weight: 2, build: (c) => messengerTexts(c, 3) },
  {
    platform: "facebook",
    weight: 4,
    build: (c) => messaging("page", c, [{ message: { mid: mid(c, "message.received"), attachments: [image] } }]),
  },
  {
    platform: "facebook",
    weight: 8,
    build: (c) => {
      const message = { is_echo: true, app_id: 263900000012002, mid: mid(c, "message.echo"), text: c.text }
      return messaging("page", c, [{ message }], true)
    },
  },
  {
    platform: "facebook",
    weight: 6,
    build: (c) => messaging("page", c, [{ delivery: { mids: [mid(c, "status.update")], watermark: c.nowMs } }]),
  },
  {
    platform: "facebook",
    weight: 3,
    build: (c) => {
      const id = mid(c, "postback.received")
      // Stock is built ahead, so a contact may tap twice in one millisecond; the same button would be one tap.
      const postback = { mid: id, title: `Order ${id.slice(-NUMBER_DIGITS)}`, payload: "ORDER" }
      return messaging("page", c, [{ postback }])
    },
  },
  { platform: "whatsapp", weight: 17, build: (c) => whatsappMessage(c, { type: "text", text: { body: c.text } }) },
  {
    platform: "whatsapp",
    weight: 3,
    build: (c) => {
      const sha256 = "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="
      return whatsappMessage(c, {
        type: "image",
        image: { caption: c.text, mime_type: "image/jpeg", sha256, id: "1003383421387256" },
      })
    },
  },
  { platform: "whatsapp", weight: 7, build: (c) => whatsappStatus(c, "sent") },
  { platform: "whatsapp", weight: 8, build: (c) => whatsappStatus(c, "delivered") },
  { platform: "whatsapp", weight: 6, build: (c) => whatsappStatus(c, "read") },
  {
    platform: "instagram",
    weight: 6,
    build: (c) => messaging("instagram", c, [{ message: { mid: igMid(c, "message.received"), text: c.text } }]),
  },
  {
    platform: "instagram",
    weight: 3,
    build: (c) =>
      messaging("instagram", c, [{ message: { mid: igMid(c, "message.echo"), text: c.text, is_echo: true } }], true),
  },
  {
    platform: "instagram",
    weight: 2,
    build: (c) => {
      const reaction = { mid: igMid(c, "message.reaction"), action: "react", reaction: "love", emoji: "❤️" }
      return messaging("instagram", c, [{ reaction }])
    },
  },
  {
    platform: "instagram",
    weight: 1,
    build: (c) => messaging("instagram", c, [{ read: { mid: igMid(c, "status.update") } }]),
  },
]
