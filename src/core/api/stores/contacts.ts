import type { Page, PageRequest } from "../resources/common.ts"
import type { Contact, ContactFilter } from "../resources/contact.ts"

export interface ContactsStore {
  /** Newest first. */
  list(customerId: string, filter: ContactFilter, page: PageRequest): Promise<Page<Contact>>
  get(customerId: string, id: string): Promise<Contact | null>
  /** Erases the contact, its ids, its events and their unsent deliveries; false if there is no such contact. */
  erase(customerId: string, id: string): Promise<boolean>
}
