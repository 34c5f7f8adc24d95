import { setTimeout as delay } from "node:timers/promises"
import { openConnection } from "../load/connection.ts"
import { MARKER, messengerTexts, NUMBER_DIGITS } from "../load/shapes.ts"
import { toRequest } from "../load/stock.ts"
import type { World } from "../load/world.ts"

/** Items per webhook of a large backlog: the maximum that Meta batches. */
const BATCH = 1000
const BATCHES_AT_ONCE = 4

/** Posts Messenger webhooks of a world's pages to a gateway. Throws on a response other than 200. */
export function createTraffic(world: World, port: number) {
  const idle: ReturnType<typeof openConnection>[] = []
  let events = 0

  async function post(pageNumber: number, messages = 1, contact = "60210000000001"): Promise<void> {
    const page = world.pages[pageNumber]
    if (page === undefined) throw new Error(`no page ${pageNumber}`)
    const id = () => MARKER + String(events++).padStart(NUMBER_DIGITS, "0")
    const context = { page, contact, nowMs: Date.now(), text: "Hello!", id }
    const request = toRequest("facebook", JSON.stringify(messengerTexts(context, messages)), world.appSecret)
    const connection = idle.pop() ?? openConnection(port)
    const status = await connection.send(request)
    idle.push(connection)
    if (status !== 200) throw new Error(`the gateway responded to a webhook with ${status}`)
  }

  return {
    post,
    /** Sends messages of one page, a thousand per webhook. */
    async backlog(pageNumber: number, messages: number, contact?: string): Promise<void> {
      const sizes = Array.from({ length: Math.ceil(messages / BATCH) }, (_, i) => Math.min(BATCH, messages - i * BATCH))
      const queue = sizes.values()
      const lane = async () => {
        for (const size of queue) await post(pageNumber, size, contact)
      }
      await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, lane))
    },
    /** Sends one message per page in turn, evenly spaced, without waiting for responses. @returns the number sent */
    async steady(pages: readonly number[], perSecond: number, seconds: number): Promise<number> {
      const work: Promise<void>[] = []
      const startedAtMs = performance.now()
      while (work.length < perSecond * seconds) {
        work.push(post(pages[work.length % pages.length] ?? 0))
        await delay(Math.max(0, startedAtMs + (work.length / perSecond) * 1000 - performance.now()))
      }
      await Promise.all(work)
      return work.length
    },
    close(): void {
      for (const connection of idle) connection.close()
    },
  }
}

export type Traffic = ReturnType<typeof createTraffic>
