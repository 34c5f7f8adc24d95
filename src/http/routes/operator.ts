import { PageQuery, pageOf } from "../../core/api/resources/common.ts"
import { Fault, UnroutedPage } from "../../core/api/resources/operator.ts"
import type { Stores } from "../../core/api/stores.ts"
import { CURSORS, pageAnswer, pageRequest } from "../routing/pages.ts"
import type { Routes } from "../routing/route.ts"

/** What arrived and belongs to no customer. */
export function operatorRoutes(routes: Routes, { faults, unrouted }: Pick<Stores, "faults" | "unrouted">): void {
  routes.operator({
    method: "GET",
    url: "/v1/unrouted",
    operation: "listUnroutedPages",
    summary: "List pages without an owner",
    description: "By app, platform and page.",
    query: PageQuery,
    answer: pageOf(UnroutedPage),
    async handle({ query }) {
      return pageAnswer(CURSORS.unrouted, await unrouted.list(pageRequest(CURSORS.unrouted, query)))
    },
  })

  routes.operator({
    method: "GET",
    url: "/v1/faults",
    operation: "listFaults",
    summary: "List items that could not become events",
    query: PageQuery,
    answer: pageOf(Fault),
    async handle({ query }) {
      return pageAnswer(CURSORS.faults, await faults.list(pageRequest(CURSORS.faults, query)))
    },
  })
}
