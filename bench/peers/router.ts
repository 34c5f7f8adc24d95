import { randomBytes } from "node:crypto"
import { compose } from "../../src/core/event/compose.ts"
import { conversationId, eventId } from "../../src/core/event/ids.ts"
import { normalize } from "../../src/platforms/index.ts"
import { endpointsByCustomer, matching, type Platform, type World } from "../load/world.ts"

/** One event for one endpoint, which is given by its number in the world. */
export interface Forward {
  endpoint: number
  id: string
  body: string
}

/** Uses Onehook's normalizer, ids and composer, so that peers differ only in store and queue. */
export function createRouter(world: World) {
  const instanceKey = randomBytes(32)
  const owners = new Map(world.pages.map(({ platform, pageId, customer }) => [platform + pageId, customer]))
  const numbers = new Map(world.endpoints.map((endpoint, number) => [endpoint, number]))
  const endpoints = endpointsByCustomer(world)

  return function route(hint: Platform, webhook: unknown): Forward[] {
    const receivedAtMs = Date.now()
    return normalize(hint, webhook).drafts.flatMap((draft) => {
      const { platform, pageId, event, native, contact } = draft
      const customer = owners.get(platform + pageId)
      if (customer === undefined) return []
      const id = eventId({ platform, pageId, event, native })
      const key = { customerId: String(customer), platform, pageId, contact }
      const conversation = contact === "" ? "" : conversationId(instanceKey, key)
      const { body } = compose(draft, { id, conversationId: conversation, receivedAtMs, keepRaw: false })
      return matching(endpoints[customer] ?? [], event).map((to) => ({ endpoint: numbers.get(to) ?? -1, id, body }))
    })
  }
}
