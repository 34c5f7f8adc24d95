let count = 0
export const newMid = () => `m_${process.pid}_${++count}`

/** A Messenger or Instagram webhook with one item, which contains `item`. */
export function messaging(pageId: string, contact: string, item: object, object: "page" | "instagram" = "page") {
  const timestamp = Date.now()
  const message = (item as { message?: { is_echo?: boolean } }).message
  const [sender, recipient] = message?.is_echo ? [pageId, contact] : [contact, pageId]
  const given = { sender: { id: sender }, recipient: { id: recipient }, timestamp, ...item }
  return { object, entry: [{ id: pageId, time: timestamp, messaging: [given] }] }
}

export function text(pageId: string, contact: string, body = "hello", mid = newMid()) {
  return messaging(pageId, contact, { message: { mid, text: body } })
}
