import type { Page, PageRequest } from "../resources/common.ts"
import type { Endpoint, EndpointPatch, NewEndpoint } from "../resources/endpoint.ts"

type StoredEndpoint = NewEndpoint & { id: string; customer_id: string; secret: string }

/** `recover` says what happens to the deliveries that are held: "held" sends them, "none" cancels them. */
export type StatusChange =
  | { status: "active"; recover: "held" | "none" }
  | { status: "paused" }
  | { status: "disabled"; reason: string }

export interface SecretRotation {
  secret: string
  overlapMs: number
  nowMs: number
  /** How many secrets may be live at once, the new one included. */
  maxLive: number
}

export interface EndpointsStore {
  /** null if the customer has `max` endpoints. */
  create(endpoint: StoredEndpoint, max: number): Promise<Endpoint | null>
  get(customerId: string, id: string): Promise<Endpoint | null>
  /** Newest first. */
  list(customerId: string, page: PageRequest): Promise<Page<Endpoint>>
  /** @param check called with the endpoint while nobody else can change it; if it throws, nothing is changed */
  update(
    customerId: string,
    id: string,
    patch: Omit<EndpointPatch, "status">,
    check: (current: Endpoint) => void,
  ): Promise<Endpoint | null>
  setStatus(customerId: string, id: string, change: StatusChange): Promise<Endpoint | null>
  /** The new secret signs at once; older ones sign too until the overlap ends. "full" if too many would be live. */
  rotateSecret(customerId: string, id: string, rotation: SecretRotation): Promise<Endpoint | "full" | null>
  /** Only the newest secret signs from now on. */
  revokeSecrets(customerId: string, id: string): Promise<Endpoint | null>
  /** Cancels its open deliveries; finished ones stay readable until they expire. */
  remove(customerId: string, id: string): Promise<boolean>
}
