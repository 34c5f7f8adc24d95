import { pageOf } from "../../core/api/resources/common.ts"
import { Contact, ContactQuery } from "../../core/api/resources/contact.ts"
import type { ContactsStore } from "../../core/api/stores/contacts.ts"
import { CURSORS, pageAnswer, pageRequest } from "../routing/pages.ts"
import { found, notFound, type Routes } from "../routing/route.ts"

export function contactRoutes(routes: Routes, { contacts }: { contacts: ContactsStore }): void {
  routes.customer("read", {
    method: "GET",
    url: "/v1/contacts",
    operation: "listContacts",
    summary: "List contacts",
    description: "Everyone whom a page has had an event of, the newest contact first.",
    query: ContactQuery,
    answer: pageOf(Contact),
    async handle({ customerId, query }) {
      const page = pageRequest(CURSORS.contacts, query)
      return pageAnswer(CURSORS.contacts, await contacts.list(customerId, query, page))
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/contacts/:id",
    operation: "getContact",
    summary: "Get a contact",
    answer: Contact,
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
      "With its ids and every stored event of its conversation: messages, raw items, all. What has not been sent of them " +
      "is canceled. When it writes again, it is a new contact.",
    async handle({ customerId, id }) {
      if (!(await contacts.erase(customerId, id))) throw notFound()
    },
  })
}
