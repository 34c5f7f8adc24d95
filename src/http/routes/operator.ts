import { PageQuery, pageOf } from "../../core/api/resources/common.ts"
import { Fault, UnroutedPage } from "../../core/api/resources/operator.ts"
import type { Stores } from "../../core/api/stores.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { notFound, type Routes } from "../routing/route.ts"

/** What arrived but belongs to no customer: unrouted pages, and items that could not become events. */
export function operatorRoutes(routes: Routes, { faults, unrouted }: Pick<Stores, "faults" | "unrouted">): void {
  routes.operator({
    method: "GET",
    url: "/v1/unrouted",
    operation: "listUnroutedPages",
    summary: "List unrouted pages",
    description: "Pages that send events but are connected to no customer, ordered by app, platform and page.",
    query: PageQuery,
    response: pageOf(UnroutedPage),
    async handle({ query }) {
      return pageResponse(CURSORS.unrouted, await unrouted.list(pageRequest(CURSORS.unrouted, query)))
    },
  })

  routes.operator({
    method: "GET",
    url: "/v1/faults",
    operation: "listFaults",
    summary: "List items that could not become events",
    query: PageQuery,
    response: pageOf(Fault),
    async handle({ query }) {
      return pageResponse(CURSORS.faults, await faults.list(pageRequest(CURSORS.faults, query)))
    },
  })

  routes.operator({
    method: "DELETE",
    url: "/v1/faults/:id",
    operation: "deleteFault",
    summary: "Delete an item that could not become an event",
    description: "It may contain personal data that no erasure of a contact finds.",
    async handle({ id }) {
      if (!(await faults.remove(id))) throw notFound()
    },
  })
}
