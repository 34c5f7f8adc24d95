import { messengerText, postWebhook } from "../support/onehook.ts"
import { demand } from "./fault.ts"

/** Most items that Meta puts into one webhook. */
const BATCH = 1_000
const AT_ONCE = 4

/** One webhook with many messages of a page, numbered from `first`. */
export function batchOf(pageId: string, first: number, count: number) {
  const items = Array.from({ length: count }, (_, i) => {
    const [entry] = messengerText(pageId, `m_bulk_${first + i}`).entry
    return entry?.messaging[0]
  })
  return { object: "page", entry: [{ id: pageId, time: Date.now(), messaging: items }] }
}

/** Creates a backlog by real webhooks with a thousand messages each. */
export async function postBulk(url: string, pageId: string, count: number): Promise<void> {
  const firsts = Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => i * BATCH).values()
  const poster = async () => {
    for (const first of firsts) {
      const { status } = await postWebhook(url, batchOf(pageId, first, Math.min(BATCH, count - first)))
      demand(status === 200, `a webhook of a thousand messages is accepted: ${status}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, poster))
}

/** Counts events by the number in their id without keeping them, since `startReceiver` would keep too much. */
export function createCounter() {
  const seen = new Set<string>()
  const counter = {
    all: 0,
    distinct: () => seen.size,
    count(body: Buffer) {
      const text = body.toString("latin1")
      counter.all += 1
      seen.add(/"page_id":"(\d+)"/.exec(text)?.[1] + (/"m_bulk_\d+"/.exec(text)?.[0] ?? ""))
    },
  }
  return counter
}
