import type { EventRow } from "../commit-rows.ts"
import type { ApiKey, Scope } from "./resources/api-key.ts"
import type { AppPatch } from "./resources/app.ts"
import type { Page, PageRequest } from "./resources/common.ts"
import type { Connection, ConnectionFilter, ConnectionPatch, NewConnection } from "./resources/connection.ts"
import type { Contact, ContactFilter } from "./resources/contact.ts"
import type { Customer, CustomerPatch } from "./resources/customer.ts"
import type { Delivery, DeliveryFilter, DeliveryWithAttempts } from "./resources/delivery.ts"
import type { Endpoint, EndpointPatch, NewEndpoint } from "./resources/endpoint.ts"
import type { EventFilter } from "./resources/event.ts"
import type { Fault, UnroutedPage } from "./resources/operator.ts"
import type { NewReplay, Replay } from "./resources/replay.ts"

/** What the API asks of the records. Every function that takes a customer sees that customer's rows only. */
export interface Stores {
  customers: CustomersStore
  apiKeys: ApiKeysStore
  apps: AppsStore
  connections: ConnectionsStore
  endpoints: EndpointsStore
  events: EventsStore
  deliveries: DeliveriesStore
  contacts: ContactsStore
  replays: ReplaysStore
  faults: { list(page: PageRequest): Promise<Page<Fault>> }
  unrouted: { list(page: PageRequest): Promise<Page<UnroutedPage>> }
  idempotency: IdempotencyStore
}

export interface CustomersStore {
  create(customer: { id: string; name: string }): Promise<Customer>
  get(id: string): Promise<Customer | null>
  list(page: PageRequest): Promise<Page<Customer>>
  update(id: string, patch: CustomerPatch): Promise<Customer | null>
  remove(id: string): Promise<boolean>
}

/** A key as authentication needs it. */
export interface KeyRecord {
  id: string
  customerId: string
  hash: Uint8Array
  scopes: Scope[]
  expiresAtMs: number | null
  revoked: boolean
}

export interface ApiKeysStore {
  create(
    key: {
      id: string
      customerId: string
      name: string
      publicId: string
      hash: Uint8Array
      scopes: Scope[]
      expiresAt: string | null
    },
    max: number,
  ): Promise<ApiKey | null>
  get(customerId: string, id: string): Promise<ApiKey | null>
  list(customerId: string, page: PageRequest): Promise<Page<ApiKey>>
  rotate(
    customerId: string,
    oldId: string,
    key: { id: string; publicId: string; hash: Uint8Array; oldEndsAt: string; nowMs: number },
    max: number,
  ): Promise<ApiKey | "ended" | "full">
  revoke(customerId: string, id: string): Promise<ApiKey | null>
  find(publicId: string): Promise<KeyRecord | null>
  touch(id: string, atMs: number): Promise<void>
}

/** An app without what depends on where the gateway is reached. */
export interface AppRecord {
  id: string
  name: string
  meta_app_id: string | null
  secrets: number
  created_at: string
}

/** `owner` is null for the operator. */
export interface AppsStore {
  create(
    app: {
      id: string
      owner: string | null
      name: string
      meta_app_id: string | null
      secrets: string[]
      verify_token: string
    },
    max: number,
  ): Promise<AppRecord | null>
  get(owner: string | null, id: string): Promise<AppRecord | null>
  list(owner: string | null, page: PageRequest): Promise<Page<AppRecord>>
  update(owner: string | null, id: string, patch: AppPatch): Promise<AppRecord | null>
  remove(owner: string | null, id: string): Promise<"removed" | "in_use" | null>
  ownerOf(customerId: string, id: string): Promise<"operator" | "customer" | null>
}

export interface ConnectionsStore {
  create(
    connection: NewConnection & { id: string; customer_id: string; status: "pending" | "active" },
    max: number,
  ): Promise<Connection | "taken" | "full">
  get(customerId: string, id: string): Promise<Connection | null>
  /** null: of every customer. */
  list(customerId: string | null, filter: ConnectionFilter, page: PageRequest): Promise<Page<Connection>>
  update(customerId: string, id: string, patch: ConnectionPatch): Promise<Connection | null>
  activate(customerId: string | null, id: string): Promise<Connection | null>
  remove(customerId: string, id: string): Promise<boolean>
}

export interface EndpointsStore {
  create(
    endpoint: NewEndpoint & { id: string; customer_id: string; secret: string },
    max: number,
  ): Promise<Endpoint | null>
  get(customerId: string, id: string): Promise<Endpoint | null>
  list(customerId: string, page: PageRequest): Promise<Page<Endpoint>>
  update(customerId: string, id: string, patch: Omit<EndpointPatch, "status">): Promise<Endpoint | null>
  setStatus(
    customerId: string,
    id: string,
    change:
      | { status: "active"; recover: "held" | "none" }
      | { status: "paused" }
      | { status: "disabled"; reason: string },
  ): Promise<Endpoint | null>
  rotateSecret(
    customerId: string,
    id: string,
    rotation: { secret: string; overlapMs: number; nowMs: number; maxLive: number },
  ): Promise<Endpoint | "full" | null>
  revokeSecrets(customerId: string, id: string): Promise<Endpoint | null>
  remove(customerId: string, id: string): Promise<boolean>
}

/** Events are JSON texts. Places in the order of arrival are numbers that grow. */
export interface EventsStore {
  /** Newest first. */
  list(customerId: string, filter: EventFilter, page: PageRequest): Promise<Page<string>>
  /** Oldest first; `next` is where to go on, also at the end. */
  follow(
    customerId: string,
    filter: EventFilter,
    from: { after: number; limit: number },
  ): Promise<{ data: { at: number; body: string }[]; next: number; full: boolean }>
  /** The place up to which nothing appears any more, as far as it is known. */
  horizon(): Promise<number>
  /** The place after all that has arrived; throws AppError store_unavailable while it is not known. */
  currentHorizon(): Promise<number>
  /** Which of the customers have events between the two places. */
  arrived(customerIds: string[], after: number, upTo: number): Promise<string[]>
  get(customerId: string, id: string): Promise<string | null>
}

export interface DeliveriesStore {
  list(customerId: string, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>
  get(customerId: string, id: string): Promise<DeliveryWithAttempts | null>
  /** An event for one endpoint alone, with its delivery. */
  addTest(event: EventRow, delivery: { id: string; endpointId: string }): Promise<void>
  /** Due now: its endpoint, "gone" where it cannot be sent any more, null where there is no such delivery. */
  retry(customerId: string, id: string): Promise<string | "gone" | null>
}

export interface ContactsStore {
  list(customerId: string, filter: ContactFilter, page: PageRequest): Promise<Page<Contact>>
  get(customerId: string, id: string): Promise<Contact | null>
  /** With all that is stored of it; false where there is no such contact. */
  erase(customerId: string, id: string): Promise<boolean>
}

export interface ReplaysStore {
  /** null where there are too many to count. */
  count(customerId: string, endpointId: string, given: NewReplay, nowMs: number): Promise<number | null>
  create(
    replay: { id: string; customerId: string; endpointId: string; given: NewReplay; nowMs: number },
    max: number,
  ): Promise<Replay | "full">
  get(customerId: string, id: string): Promise<Replay | null>
  list(customerId: string, endpointId: string | undefined, page: PageRequest): Promise<Page<Replay>>
  cancel(customerId: string, id: string): Promise<Replay | null>
}

export interface IdempotencyClaim {
  owner: string
  key: string
  fingerprint: string
}

export interface StoredAnswer {
  status: number
  text: string
}

export interface IdempotencyStore {
  begin(
    claim: IdempotencyClaim,
  ): Promise<{ kind: "first" } | { kind: "done"; answer: StoredAnswer } | { kind: "running" } | { kind: "other" }>
  finish(claim: IdempotencyClaim, answer: StoredAnswer): Promise<void>
  release(claim: IdempotencyClaim): Promise<void>
}
