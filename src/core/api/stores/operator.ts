import type { Page, PageRequest } from "../resources/common.ts"
import type { Fault, UnroutedPage } from "../resources/operator.ts"

/** Faults belong to no customer: an item that cannot be parsed cannot be routed. */
export interface FaultsStore {
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Fault>>
  /** false if there is no such fault. */
  remove(id: string): Promise<boolean>
}

export interface UnroutedStore {
  /** Ordered by app, platform and page, so that the order is stable while counts change. */
  list(page: PageRequest): Promise<Page<UnroutedPage>>
}
