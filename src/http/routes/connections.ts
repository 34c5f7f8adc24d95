import { AppError } from "../../core/api/problem.ts"
import { DEFAULT_APP_ID } from "../../core/api/resources/app.ts"
import { pageOf } from "../../core/api/resources/common.ts"
import { Connection, ConnectionPatch, ConnectionQuery, NewConnection } from "../../core/api/resources/connection.ts"
import type { AppsStore } from "../../core/api/stores/apps.ts"
import type { ConnectionsStore } from "../../core/api/stores/connections.ts"
import type { Caller } from "../auth/auth.ts"
import { CURSORS, pageAnswer, pageRequest } from "../routing/pages.ts"
import { found, notFound, type Routes } from "../routing/route.ts"

export interface ConnectionRoutesDeps {
  connections: ConnectionsStore
  apps: Pick<AppsStore, "ownerOf">
  maxConnections: number
  newId(prefix: string): string
  changed(customerId: string): Promise<void>
}

export function connectionRoutes(routes: Routes, deps: ConnectionRoutesDeps): void {
  const { connections, changed } = deps

  /** Whose app it is, of those that the customer may connect pages on. */
  async function ownerOf(appId: string, customerId: string): Promise<"operator" | "customer"> {
    if (appId === DEFAULT_APP_ID) return "operator"
    const owner = await deps.apps.ownerOf(customerId, appId)
    if (owner) return owner
    const message = "is not an app of yours or of the operator"
    throw new AppError("invalid_body", `app_id ${message}.`, { errors: [{ path: "app_id", message }] })
  }

  /** An account has the numbers of many, and nothing proves that it is the customer's. */
  function refuseAccount(owner: "operator" | "customer", caller: Caller): void {
    if (owner === "customer" || caller.kind === "operator") return
    throw new AppError("operator_required", "On the operator's app, waba_id is set by the operator. Leave it out.")
  }

  routes.owner("read", {
    method: "GET",
    url: "/v1/connections",
    operation: "listConnections",
    summary: "List connections",
    description: "A customer's; for the operator who names none, everyone's, such as those with `status=pending`.",
    query: ConnectionQuery,
    answer: pageOf(Connection),
    async handle({ owner, query }) {
      const page = pageRequest(CURSORS.connections, query)
      return pageAnswer(CURSORS.connections, await connections.list(owner, query, page))
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/connections",
    operation: "createConnection",
    summary: "Connect a page",
    description:
      "Active at once on a customer's own app; on the operator's app pending until the operator activates it. " +
      "There only the operator's key may give a `waba_id`.",
    body: NewConnection,
    answer: Connection,
    status: 201,
    async handle({ customerId, body, caller }) {
      const owner = await ownerOf(body.app_id, customerId)
      if (body.waba_id !== null) refuseAccount(owner, caller)
      // Only holders of a customer's own app secret can sign for it, so nothing is left to prove there.
      const status: Connection["status"] = owner === "customer" ? "active" : "pending"
      const given = { ...body, id: deps.newId("con"), customer_id: customerId, status }
      const connection = await connections.create(given, deps.maxConnections)
      if (connection === "taken") {
        throw new AppError("connection_exists", "A page has one owner on each app. Ask the operator if it is yours.")
      }
      if (connection === "full") {
        throw new AppError("limit_reached", `A customer may have ${deps.maxConnections} connections.`)
      }
      await changed(customerId)
      return connection
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/connections/:id",
    operation: "getConnection",
    summary: "Get a connection",
    answer: Connection,
    async handle({ customerId, id }) {
      return found(await connections.get(customerId, id))
    },
  })

  routes.customer("write", {
    method: "PATCH",
    url: "/v1/connections/:id",
    operation: "updateConnection",
    summary: "Change a connection",
    description: "Platform, page and app stay: connect again to change them. `waba_id` as in the creation.",
    body: ConnectionPatch,
    answer: Connection,
    async handle({ customerId, id, body, caller }) {
      if (body.waba_id) {
        const { app_id } = found(await connections.get(customerId, id))
        refuseAccount(await ownerOf(app_id, customerId), caller)
      }
      const connection = found(await connections.update(customerId, id, body))
      await changed(customerId)
      return connection
    },
  })

  routes.customer("write", {
    method: "DELETE",
    url: "/v1/connections/:id",
    operation: "deleteConnection",
    summary: "Disconnect a page",
    async handle({ customerId, id }) {
      if (!(await connections.remove(customerId, id))) throw notFound()
      await changed(customerId)
    },
  })

  routes.operator({
    method: "POST",
    url: "/v1/connections/:id/activate",
    operation: "activateConnection",
    summary: "Activate a connection",
    description: "The operator vouches that the page is the customer's. Its events are routed from now on.",
    answer: Connection,
    async handle({ id, caller }) {
      const connection = found(await connections.activate(caller.customerId, id))
      await changed(connection.customer_id)
      return connection
    },
  })
}
