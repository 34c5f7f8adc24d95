import type { Draft } from "../event/draft.ts"

/** An endpoint as routing and sending see it; its secrets are in the clear, so it never leaves the process. */
export interface Endpoint {
  id: string
  customerId: string
  url: string
  description: string
  active: boolean
  /** When it was last changed, on the store's clock. */
  revisionMs: number
  /** It was switched on again lately: what piled up goes in small steps first. */
  recovering: boolean
  /** Event names; `*` is every event of a platform but `webhook.test`. */
  events: ReadonlySet<string>
  platforms: ReadonlySet<string> | null
  pageIds: ReadonlySet<string> | null
  messageTypes: ReadonlySet<string> | null
  statuses: ReadonlySet<string> | null
  direction: "inbound" | "outbound" | null
  payload: "full" | "compact"
  includeRaw: boolean
  maxConcurrency: number
  /** Requests in any second; null for no limit. */
  maxRate: number | null
  /** Are the events of a conversation sent one after the other, in their order? */
  ordered: boolean
  /** The wait before each attempt, the first included; null for the default. */
  retryScheduleMs: readonly number[] | null
  headers: Readonly<Record<string, string>>
  /** Sends `x-hub-signature-256` as well. */
  hubSignature: boolean
  /** Newest first; only the newest never expires. */
  secrets: readonly EndpointSecret[]
}

export interface EndpointSecret {
  /** `whsec_…` */
  text: string
  key: Uint8Array
  expiresAtMs: number | null
}

/** Who owns which page, and where their events go. */
export interface Directory {
  /** The customers of a page: none, or its owner; for an event of a whole WhatsApp account, each with a number in it. */
  owners(appId: string, draft: Pick<Draft, "platform" | "pageId" | "wabaId">): readonly string[]
  endpointsOf(customerId: string): readonly Endpoint[]
}

type Filtered = Pick<Draft, "platform" | "pageId" | "event" | "message" | "details">

/** Whether an event passes the filter of an endpoint. A disabled endpoint keeps its deliveries until it is enabled. */
export function wants(endpoint: Endpoint, { platform, pageId, event, message, details }: Filtered): boolean {
  const named = endpoint.events.has(event) || (endpoint.events.has("*") && event !== "webhook.test")
  return (
    named &&
    allows(endpoint.platforms, platform) &&
    allows(endpoint.pageIds, pageId) &&
    allows(endpoint.messageTypes, message?.type) &&
    allows(endpoint.statuses, details.status?.state) &&
    (endpoint.direction === null || (details.direction ?? endpoint.direction) === endpoint.direction)
  )
}

/** A filter concerns only events that have the value. */
function allows(filter: ReadonlySet<string> | null, value: string | undefined): boolean {
  return filter === null || value === undefined || filter.has(value)
}
