import { pageOf } from "../../core/api/resources/common.ts"
import { Contact, ContactQuery } from "../../core/api/resources/contact.ts"
import type { ContactsStore } from "../../core/api/stores/contacts.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, notFound, type Routes } from "../routing/route.ts"

export function contactRoutes(routes: Routes, { contacts }: { contacts: ContactsStore }): void {
  routes.customer("read", {
    method: "GET",
    url: "/v1/contacts",
    operation: "listContacts",
    summary: "List contacts",
    description: "Every person or group that appears in the events of a page, newest first.",
    query: ContactQuery,
    response: pageOf(Contact),
    async handle({ customerId, query }) {
      const page = pageRequest(CURSORS.contacts, query)
      return pageResponse(CURSORS.contacts, await contacts.list(customerId, query, page))
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/contacts/:id",
    operation: "getContact",
    summary: "Get a contact",
    response: Contact,
    async handle({ customerId, id }) {
      return found(await contacts.get(customerId, id))
    },
  })

  routes.customer("write", {
    method: "DELETE",
    url: "/v1/contacts/:id",
    operation: "deleteContact",
    summary: "Erase a contact",
    description:
      "Deletes the contact, its ids and all stored events of its conversation, including raw items. Their unsent " +
      "deliveries are canceled. If the person writes again, a new contact is created.",
    async handle({ customerId, id }) {
      if (!(await contacts.erase(customerId, id))) throw notFound()
    },
  })
}
