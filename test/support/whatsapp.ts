let count = 0

/** A WhatsApp webhook with one change, which contains `value`. */
export function whatsapp(pageId: string, value: object, field = "messages") {
  const metadata = { display_phone_number: "15550100881", phone_number_id: pageId }
  const change = { field, value: { messaging_product: "whatsapp", metadata, ...value } }
  return { object: "whatsapp_business_account", entry: [{ id: `9${pageId}`, changes: [change] }] }
}

export interface Ids {
  phone?: string
  bsuid?: string
  parent?: string
  name?: string
}

const timestamp = () => String(Math.floor(Date.now() / 1000))
export const wamid = () => `wamid.test${process.pid}x${++count}`

export function whatsappText(pageId: string, { phone, bsuid, parent, name }: Ids, id = wamid()) {
  const contact = { wa_id: phone, user_id: bsuid, parent_user_id: parent, profile: { name } }
  const message = { from: phone, from_user_id: bsuid, from_parent_user_id: parent, id, timestamp: timestamp() }
  return whatsapp(pageId, {
    contacts: name === undefined ? undefined : [contact],
    messages: [{ ...message, type: "text", text: { body: "hello" } }],
  })
}

/** A message that the business wrote in its phone app. */
export function whatsappEcho(pageId: string, { phone, bsuid }: Ids, id = wamid()) {
  const echo = { from: "15550100881", to: phone, to_user_id: bsuid, id, timestamp: timestamp() }
  return whatsapp(
    pageId,
    { message_echoes: [{ ...echo, type: "text", text: { body: "on my way" } }] },
    "smb_message_echoes",
  )
}

export function whatsappStatus(pageId: string, { phone, bsuid }: Ids, id = wamid()) {
  const status = { id, status: "delivered", timestamp: timestamp(), recipient_id: phone, recipient_user_id: bsuid }
  return whatsapp(pageId, { statuses: [status] })
}

export function whatsappSystem(pageId: string, from: Ids, system: object) {
  const message = { from: from.phone, from_user_id: from.bsuid, id: wamid(), timestamp: timestamp(), type: "system" }
  return whatsapp(pageId, { messages: [{ ...message, system }] })
}
