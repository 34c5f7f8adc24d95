import { PageQuery, pageOf } from "../../core/api/resources/common.ts"
import { Customer, CustomerPatch, DEFAULT_LIMITS, NewCustomer } from "../../core/api/resources/customer.ts"
import type { CustomerRecord, CustomersStore } from "../../core/api/stores/customers.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, notFound, type Routes } from "../routing/route.ts"

export interface CustomerRoutesDeps {
  customers: CustomersStore
  newId(prefix: string): string
  changed(customerId: string | null): Promise<void>
}

export function customerRoutes(routes: Routes, { customers, newId, changed }: CustomerRoutesDeps): void {
  routes.operator({
    method: "GET",
    url: "/v1/customers",
    operation: "listCustomers",
    summary: "List customers",
    query: PageQuery,
    response: pageOf(Customer),
    async handle({ query }) {
      const { data, next } = await customers.list(pageRequest(CURSORS.customers, query))
      return pageResponse(CURSORS.customers, { data: data.map(present), next })
    },
  })

  routes.operator({
    method: "POST",
    url: "/v1/customers",
    operation: "createCustomer",
    summary: "Create a customer",
    body: NewCustomer,
    response: Customer,
    status: 201,
    async handle({ body }) {
      const customer = await customers.create({ id: newId("cus"), name: body.name })
      await changed(customer.id)
      return present(customer)
    },
  })

  routes.operator({
    method: "GET",
    url: "/v1/customers/:id",
    operation: "getCustomer",
    summary: "Get a customer",
    response: Customer,
    async handle({ id }) {
      return present(found(await customers.get(id)))
    },
  })

  routes.operator({
    method: "PATCH",
    url: "/v1/customers/:id",
    operation: "updateCustomer",
    summary: "Rename a customer, or change its limits",
    body: CustomerPatch,
    response: Customer,
    async handle({ id, body }) {
      const customer = found(await customers.update(id, body))
      await changed(id)
      return present(customer)
    },
  })

  routes.operator({
    method: "DELETE",
    url: "/v1/customers/:id",
    operation: "deleteCustomer",
    summary: "Delete a customer",
    description:
      "Also deletes its keys, apps, connections, endpoints, events, deliveries and attempts. This cannot be undone.",
    async handle({ id }) {
      if (!(await customers.remove(id))) throw notFound()
      await changed(id)
    },
  })
}

/** With the limits that apply. */
function present(customer: CustomerRecord): Customer {
  return { ...customer, limits: { ...DEFAULT_LIMITS, ...customer.limits } }
}
