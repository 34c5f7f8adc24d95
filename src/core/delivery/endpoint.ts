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

/** Which customers own a page, and the endpoints of each customer. */
export interface Directory {
  /** The owner of a page, if any. For an account-level WhatsApp event, all customers with a number in the account. */
  owners(appId: string, draft: Pick<Draft, "platform" | "pageId" | "wabaId">): readonly string[]
  endpointsOf(customerId: string): readonly Endpoint[]
}

/** Does the endpoint subscribe to this event? A disabled endpoint does too: its deliveries wait until it is enabled. */
export function wants(endpoint: Endpoint, draft: Pick<Draft, "platform" | "pageId" | "event">): boolean {
  const subscribes = endpoint.events.has(draft.event) || (endpoint.events.has("*") && draft.event !== "webhook.test")
  return (
    subscribes && (endpoint.platforms?.has(draft.platform) ?? true) && (endpoint.pageIds?.has(draft.pageId) ?? true)
  )
}
