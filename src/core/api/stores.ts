import type { ApiKeysStore } from "./stores/api-keys.ts"
import type { AppsStore } from "./stores/apps.ts"
import type { AuditStore } from "./stores/audit.ts"
import type { ConnectionsStore } from "./stores/connections.ts"
import type { ContactsStore } from "./stores/contacts.ts"
import type { CustomersStore } from "./stores/customers.ts"
import type { DeliveriesStore } from "./stores/deliveries.ts"
import type { EncryptionStore } from "./stores/encryption.ts"
import type { EndpointsStore } from "./stores/endpoints.ts"
import type { EventsStore } from "./stores/events.ts"
import type { IdempotencyStore } from "./stores/idempotency.ts"
import type { FaultsStore, UnroutedStore } from "./stores/operator.ts"
import type { ReplaysStore } from "./stores/replays.ts"

/** What the API reads and writes. A function that takes a customer's id sees only that customer's rows. */
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
  faults: FaultsStore
  unrouted: UnroutedStore
  encryption: EncryptionStore
  audit: AuditStore
  idempotency: IdempotencyStore
}
