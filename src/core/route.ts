import type { Draft } from "./draft.ts"

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
  /**
   * The customers of a page: none, or its owner; for an event of a whole WhatsApp account, each with a number in it; for a
   * sample of Meta's dashboard, which is of no page, whose app it is.
   */
  owners(appId: string, draft: Pick<Draft, "platform" | "pageId" | "wabaId" | "event">): readonly string[]
  endpointsOf(customerId: string): readonly Endpoint[]
}

/** A disabled endpoint keeps its deliveries; they wait until it is enabled. */
export function wants(endpoint: Endpoint, draft: Pick<Draft, "platform" | "pageId" | "event">): boolean {
  if (!(endpoint.platforms?.has(draft.platform) ?? true)) return false
  // A sample of Meta's dashboard is of no page.
  if (draft.event === "webhook.test") return endpoint.events.has("webhook.test")
  const named = endpoint.events.has(draft.event) || endpoint.events.has("*")
  return named && (endpoint.pageIds?.has(draft.pageId) ?? true)
}
