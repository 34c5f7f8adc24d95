import type { Page, PageRequest } from "../resources/common.ts"
import type { Connection, ConnectionFilter, ConnectionPatch, NewConnection } from "../resources/connection.ts"

type StoredConnection = NewConnection & { id: string; customer_id: string; status: "pending" | "active" }

export interface ConnectionsStore {
  /** "taken" if the customer has connected the page to this app already; "full" if it has `max` connections. */
  create(connection: StoredConnection, max: number): Promise<Connection | "taken" | "full">
  get(customerId: string, id: string): Promise<Connection | null>
  /** Newest first. `customerId` null: every customer's. */
  list(customerId: string | null, filter: ConnectionFilter, page: PageRequest): Promise<Page<Connection>>
  update(customerId: string, id: string, patch: ConnectionPatch): Promise<Connection | null>
  /**
   * By the operator. `customerId` null: any customer's. "taken" if another customer's connection of the page is
   * active.
   */
  activate(customerId: string | null, id: string): Promise<Connection | "taken" | null>
  remove(customerId: string, id: string): Promise<boolean>
}
