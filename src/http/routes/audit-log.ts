import { AuditEntry, AuditQuery } from "../../core/api/resources/audit-entry.ts"
import { pageOf } from "../../core/api/resources/common.ts"
import type { AuditStore } from "../../core/api/stores/audit.ts"
import type { Caller } from "../auth/auth.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import type { Routes } from "../routing/route.ts"

export function auditLogRoutes(routes: Routes, { audit }: { audit: AuditStore }): void {
  routes.owner("admin", {
    method: "GET",
    url: "/v1/audit-log",
    operation: "listAuditLog",
    summary: "List the changes that were made with keys",
    description: "A customer sees changes of its own objects. An operator who names no customer sees all changes.",
    query: AuditQuery,
    response: pageOf(AuditEntry),
    async handle({ owner, query, caller }) {
      const { data, next } = await audit.list(owner, query, pageRequest(CURSORS.audit, query))
      return pageResponse(CURSORS.audit, { data: data.map((entry) => shownTo(caller, entry)), next })
    },
  })
}

/** Who works for the operator, and from where, is not the customer's business. */
function shownTo(caller: Caller, entry: AuditEntry): AuditEntry {
  if (caller.kind === "operator" || entry.actor === "customer") return entry
  return { ...entry, key_name: null, address: null }
}
