import type { AuditEntry, AuditFilter } from "../resources/audit-entry.ts"
import type { Page, PageRequest } from "../resources/common.ts"

/** A change that is about to be made. */
type BegunChange = Omit<AuditEntry, "at" | "created_id" | "outcome" | "key_name" | "address"> & {
  atMs: number
  key_name: string
  address: string
}

export interface AuditStore {
  /** Before the change, so that a change without a row is impossible. Until `finish`, its outcome is unknown. */
  begin(change: BegunChange): Promise<void>
  /** @param result the created object, and whose it is if that was not known before */
  finish(id: string, result: { createdId: string | null; customerId: string | null }): Promise<void>
  /** The change was refused, and nothing has changed. */
  drop(id: string): Promise<void>
  /** Newest first. @param customerId null: all changes */
  list(customerId: string | null, filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>
}
