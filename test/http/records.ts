import { randomBytes } from "node:crypto"
import { noRows } from "../../src/core/commit-rows.ts"
import { recordResults } from "../../src/store/deliveries/results.ts"
import { commit } from "../../src/store/events/commit.ts"
import { eventRows, newId, record } from "../support/rows.ts"
import type { Api } from "./harness.ts"

interface Given {
  customerId: string
  endpointId?: string
  platform?: string
  event?: string
  pageId?: string
  sender?: string
  conversationId?: string
}

/** Commits one event as a webhook would, with a delivery to the endpoint. */
export async function commitEvent(api: Api, given: Given): Promise<{ eventId: string; deliveryId: string }> {
  const { customerId, endpointId = "ep_none", ...more } = given
  const id = `evt_${randomBytes(13).toString("hex")}`
  const rows = eventRows({ endpointId, customerId, id })
  // The delivery refers to the same row object.
  const row = Object.assign(rows.events[0] as (typeof rows.events)[number], more)
  row.body = JSON.stringify({
    platform: row.platform,
    event: row.event,
    timestamp: 1747231892,
    from: row.sender,
    page_id: row.pageId,
    conversation_id: row.conversationId,
    signature_verified: true,
    id,
  })
  await commit(api.pool, rows)
  return { eventId: id, deliveryId: rows.deliveries[0]?.id ?? "" }
}

/** Records an attempt at the delivery, as a dispatcher would. */
export async function recordAttempt(
  api: Api,
  given: { endpointId: string; deliveryId: string; attempts: number },
  result: Parameters<typeof record>[2],
): Promise<void> {
  const { endpointId, deliveryId: id, attempts } = given
  await recordResults(api.pool, [record(endpointId, { id, attempts }, result)])
}

/** Commits a contact as a first message would. @returns its id */
export async function commitContact(api: Api, customerId: string): Promise<string> {
  const page = { customerId, appId: "app_default", platform: "facebook", pageId: "100200300" } as const
  const person = {
    scopedId: "2000",
    idType: "psid",
    conversationId: "conv_fb_x",
    startedBy: null,
  } as const
  const contact = { ...page, ...person, name: "Ann Example", username: null, pictureUrl: null }
  await commit(api.pool, { ...noRows(), contacts: [contact] })
  const { data } = await api.stores.contacts.list(customerId, {}, { limit: 1, after: null })
  return data[0]?.id ?? ""
}

export async function commitFault(api: Api): Promise<void> {
  const fault = {
    id: newId("flt"),
    appId: "app_default",
    platform: "facebook",
    pageId: null,
    path: "entry[0]",
    reason: "no id",
    item: "{}",
  }
  await commit(api.pool, { ...noRows(), faults: [fault] })
}

export async function commitUnrouted(api: Api, pageId: string): Promise<void> {
  const page = { appId: "app_default", platform: "facebook", pageId, events: 2, testEvents: 1 }
  await commit(api.pool, { ...noRows(), unrouted: [page] })
}
