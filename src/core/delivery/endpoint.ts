import type { Draft } from "../event/draft.ts"

/** An endpoint as routing and sending use it. Its secrets are decrypted, so it never leaves the process. */
export interface Endpoint {
  id: string
  customerId: string
  url: string
  description: string
  active: boolean
  /** When its settings last changed, on the store's clock. */
  revisionMs: number
  /** It was enabled again recently: its backlog starts slowly. */
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
  /** Most requests in any second; null for no limit. */
  maxRate: number | null
  /** Are the events of a conversation sent one at a time and in order? */
  ordered: boolean
  /** The wait before each attempt, including the first; null for the default schedule. */
  retryScheduleMs: readonly number[] | null
  headers: Readonly<Record<string, string>>
  /** Sends `x-hub-signature-256` as well. */
  hubSignature: boolean
  /** Newest first; only the newest has no expiry. */
  secrets: readonly EndpointSecret[]
}

export interface EndpointSecret {
  /** `whsec_…` */
  text: string
  key: Uint8Array
  expiresAtMs: number | null
}

/** What routing reads of a draft. */
type PageOf = Pick<Draft, "platform" | "pageId" | "wabaId"> & Partial<Pick<Draft, "event">>

/** Which customers own a page, and the endpoints of each customer. */
export interface Directory {
  /**
   * The owner of a page, if any. For an account-level WhatsApp event, all customers with a number in the account. For a
   * sample of Meta's dashboard, whose page does not exist, the customer who registered the app.
   */
  owners(appId: string, draft: PageOf): readonly string[]
  endpointsOf(customerId: string): readonly Endpoint[]
}

type Filtered = Pick<Draft, "platform" | "pageId" | "event" | "message" | "details">

/** Does the event pass the filter of the endpoint? A disabled endpoint keeps its deliveries until it is enabled. */
export function wants(endpoint: Endpoint, { platform, pageId, event, message, details }: Filtered): boolean {
  if (!allows(endpoint.platforms, platform)) return false
  // A sample of Meta's dashboard has no real page and no real content.
  if (event === "webhook.test") return endpoint.events.has(event)
  const subscribes = endpoint.events.has(event) || endpoint.events.has("*")
  return (
    subscribes &&
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
