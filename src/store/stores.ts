import { createApiKeysStore } from "./api-keys.ts"
import { createAppsStore } from "./apps.ts"
import { createConnectionsStore } from "./connections.ts"
import { createContactsStore } from "./contacts.ts"
import { createCustomersStore } from "./customers.ts"
import { createDeliveriesStore } from "./deliveries.ts"
import { createEndpointsStore } from "./endpoints.ts"
import { createEventsStore } from "./events.ts"
import { createFaultsStore } from "./faults.ts"
import { createIdempotencyStore } from "./idempotency.ts"
import type { Pool } from "./pool.ts"
import { createReplaysStore } from "./replays.ts"
import { createUnroutedStore } from "./unrouted.ts"
import type { Vault } from "./vault.ts"

/** All that the API reads and writes. */
export function createStores(pool: Pool, vault: Vault) {
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
    idempotency: createIdempotencyStore(pool, vault),
  }
}
