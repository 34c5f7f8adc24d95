import type { Page, PageRequest } from "../resources/common.ts"
import type { Customer, CustomerPatch } from "../resources/customer.ts"

export interface CustomersStore {
  create(customer: { id: string; name: string }): Promise<Customer>
  get(id: string): Promise<Customer | null>
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Customer>>
  update(id: string, patch: CustomerPatch): Promise<Customer | null>
  /** Removes the customer and everything it has; false if there is no such customer. */
  remove(id: string): Promise<boolean>
}
