import type { Page, PageRequest } from "../resources/common.ts"
import type { Customer, CustomerLimits, CustomerPatch } from "../resources/customer.ts"

/** `limits` are those that differ from the defaults. */
export type CustomerRecord = Omit<Customer, "limits"> & { limits: Partial<CustomerLimits> }

export interface CustomersStore {
  create(customer: { id: string; name: string }): Promise<CustomerRecord>
  get(id: string): Promise<CustomerRecord | null>
  /** Newest first. */
  list(page: PageRequest): Promise<Page<CustomerRecord>>
  update(id: string, patch: CustomerPatch): Promise<CustomerRecord | null>
  /** Removes the customer and everything it has; false if there is no such customer. */
  remove(id: string): Promise<boolean>
}
