import { AppError } from "../../core/api/problem.ts"
import { DEFAULT_APP_ID } from "../../core/api/resources/app.ts"
import { pageOf } from "../../core/api/resources/common.ts"
import { Connection, ConnectionPatch, ConnectionQuery, NewConnection } from "../../core/api/resources/connection.ts"
import type { AppsStore } from "../../core/api/stores/apps.ts"
import type { ConnectionsStore } from "../../core/api/stores/connections.ts"
import type { Caller } from "../auth/auth.ts"
import { type LimitOf, limitReached } from "../routing/limits.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, notFound, type Routes } from "../routing/route.ts"
import { invalidField } from "../routing/validate.ts"

export interface ConnectionRoutesDeps {
  connections: ConnectionsStore
  apps: Pick<AppsStore, "ownerOf">
  limitOf: LimitOf
  newId(prefix: string): string
  changed(customerId: string): Promise<void>
}

export function connectionRoutes(routes: Routes, deps: ConnectionRoutesDeps): void {
  const { connections, changed } = deps

  /** The owner of an app that the customer may connect pages to. @throws AppError invalid_body for any other app */
  async function ownerOf(appId: string, customerId: string): Promise<"operator" | "customer"> {
    if (appId === DEFAULT_APP_ID) return "operator"
    const owner = await deps.apps.ownerOf(customerId, appId)
    if (owner) return owner
    throw invalidField("app_id", "is neither your app nor the operator's")
  }

  /** On the operator's app an account may hold numbers of many customers, and nothing proves whose it is. */
  function refuseAccountId(owner: "operator" | "customer", caller: Caller): void {
    if (owner === "customer" || caller.kind === "operator") return
    throw new AppError("operator_required", "On the operator's app only the operator can set waba_id. Omit it.")
  }

  routes.owner("read", {
    method: "GET",
    url: "/v1/connections",
    operation: "listConnections",
    summary: "List connections",
    description:
      "The operator sees the connections of all customers, for example those with `status=pending`, unless " +
      "`Onehook-Customer` names one.",
    query: ConnectionQuery,
    response: pageOf(Connection),
    async handle({ owner, query }) {
      const page = pageRequest(CURSORS.connections, query)
      return pageResponse(CURSORS.connections, await connections.list(owner, query, page))
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/connections",
    operation: "createConnection",
    summary: "Connect a page",
    description:
      "On a customer's own app the connection is active immediately. On the operator's app it is `pending` until the " +
      "operator activates it, only the operator's key can set `waba_id`, and it ends after seven days if it is still " +
      "`pending`. A pending connection does not own the page: other customers can claim it too.",
    body: NewConnection,
    response: Connection,
    status: 201,
    async handle({ customerId, body, caller }) {
      const owner = await ownerOf(body.app_id, customerId)
      if (body.waba_id !== null) refuseAccountId(owner, caller)
      // A webhook of a customer's own app is signed with the customer's secret, so no further proof is needed.
      const status: Connection["status"] = owner === "customer" ? "active" : "pending"
      const given = { ...body, id: deps.newId("con"), customer_id: customerId, status }
      const max = await deps.limitOf("connections", customerId)
      const connection = await connections.create(given, max)
      if (connection === "taken") {
        throw new AppError("connection_exists", "You have connected this page to this app already.")
      }
      if (connection === "full") throw limitReached("connections", max)
      await changed(customerId)
      return connection
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/connections/:id",
    operation: "getConnection",
    summary: "Get a connection",
    response: Connection,
    async handle({ customerId, id }) {
      return found(await connections.get(customerId, id))
    },
  })

  routes.customer("write", {
    method: "PATCH",
    url: "/v1/connections/:id",
    operation: "updateConnection",
    summary: "Update a connection",
    description:
      "Platform, page and app cannot be changed: delete the connection and create another. On the operator's app only " +
      "the operator's key can set `waba_id`.",
    body: ConnectionPatch,
    response: Connection,
    async handle({ customerId, id, body, caller }) {
      if (body.waba_id) {
        const { app_id } = found(await connections.get(customerId, id))
        refuseAccountId(await ownerOf(app_id, customerId), caller)
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
    summary: "Delete a connection",
    description: "Disconnects the page.",
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
    description:
      "The operator confirms that the page belongs to the customer. Events that arrive from now on are routed.",
    response: Connection,
    async handle({ id, caller }) {
      const connection = found(await connections.activate(caller.customerId, id))
      if (connection === "taken") {
        throw new AppError(
          "connection_exists",
          "Another customer's connection of this page is active. Find it by page_id and delete it first.",
        )
      }
      await changed(connection.customer_id)
      return connection
    },
  })
}
