import { randomBytes } from "node:crypto"
import { createIdSource } from "../../src/app/id-source.ts"
import { type CommitRows, type EventRow, noRows } from "../../src/core/commit-rows.ts"
import type { ClaimRequest } from "../../src/core/delivery/claim.ts"
import type { AttemptRecord, Delivery } from "../../src/core/delivery/delivery.ts"
import { crockford } from "../../src/core/event/ids.ts"

export const newId = createIdSource(Date.now)

interface Given {
  endpointId: string
  customerId?: string
  id?: string
  body?: string
  day?: number
  conversationId?: string
  ordered?: boolean
}

/** The rows of one event with one delivery. */
export function eventRows({ endpointId, customerId = "cus_a", id, body = "{}", day, ...given }: Given): CommitRows {
  const { conversationId = "conv_fb_x", ordered = false } = given
  const event: EventRow = {
    customerId,
    id: id ?? `evt_${crockford(randomBytes(16))}`,
    day: day ?? Math.floor(Date.now() / 86_400_000),
    appId: "app_default",
    platform: "facebook",
    event: "message.received",
    pageId: "100200300",
    sender: "2000",
    conversationId,
    body,
    compactLength: 1,
    raw: null,
  }
  const delivery = { id: newId("dlv"), event, endpointId, conversationId: ordered ? conversationId : null }
  return { ...noRows(), events: [event], deliveries: [delivery] }
}

/** A claim of everything that is due at an endpoint. */
export function claimOf(endpointId: string, given: Partial<ClaimRequest> = {}): ClaimRequest {
  return { endpointId, limit: 9, replays: 9, held: [], after: "", conversations: [], ordered: false, ...given }
}

/** The record of an attempt at a claimed delivery. */
export function record(
  endpointId: string,
  delivery: Pick<Delivery, "id" | "attempts">,
  given: Partial<AttemptRecord> = {},
): AttemptRecord {
  return {
    endpointId,
    deliveryId: delivery.id,
    number: delivery.attempts + 1,
    startedAtMs: Date.now(),
    durationMs: 3,
    outcome: "response",
    verdict: "delivered",
    status: 200,
    error: null,
    response: "ok",
    retryInMs: null,
    trigger: null,
    remoteAddress: null,
    timings: { dns: null, connect: null, tls: null, firstByte: null },
    ...given,
  }
}
