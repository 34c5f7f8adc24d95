import type { Stores } from "../core/api/stores.ts"
import type { Pool } from "./connection/pool.ts"
import { createContactsStore } from "./contacts/contacts.ts"
import { createDeliveriesStore } from "./deliveries/deliveries.ts"
import { createReplaysStore } from "./deliveries/replays.ts"
import { createApiKeysStore } from "./directory/api-keys.ts"
import { createAppsStore } from "./directory/apps.ts"
import { createAuditStore } from "./directory/audit.ts"
import { createConnectionsStore } from "./directory/connections.ts"
import { createCustomersStore } from "./directory/customers.ts"
import { createEndpointsStore } from "./directory/endpoints.ts"
import { createIdempotencyStore } from "./directory/idempotency.ts"
import { createEncryptionStore } from "./directory/reencrypt.ts"
import type { Vault } from "./directory/vault.ts"
import { createEventsStore } from "./events/events.ts"
import { createFaultsStore } from "./events/faults.ts"
import { createUnroutedStore } from "./events/unrouted.ts"

export function createStores(pool: Pool, vault: Vault): Stores {
  const events = createEventsStore(pool)
  return {
    customers: createCustomersStore(pool),
    apiKeys: createApiKeysStore(pool),
    apps: createAppsStore(pool, vault),
    connections: createConnectionsStore(pool, vault),
    endpoints: createEndpointsStore(pool, vault),
    events,
    deliveries: createDeliveriesStore(pool, vault),
    contacts: createContactsStore(pool),
    replays: createReplaysStore(pool, events),
    faults: createFaultsStore(pool),
    unrouted: createUnroutedStore(pool),
    encryption: createEncryptionStore(pool, vault),
    audit: createAuditStore(pool),
    idempotency: createIdempotencyStore(pool, vault),
  }
}
