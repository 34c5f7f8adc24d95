import { AppError } from "../../core/problem.ts"
import { DEFAULT_APP_ID } from "../../core/resources/app.ts"
import { pageOf } from "../../core/resources/common.ts"
import { Connection, ConnectionPatch, ConnectionQuery, NewConnection } from "../../core/resources/connection.ts"
import { CURSORS, pageAnswer, pageRequest } from "../pages.ts"
import { found, notFound, type Routes } from "../route.ts"
import type { AppsStore, ConnectionsStore } from "../stores.ts"

export interface ConnectionRoutesDeps {
  connections: ConnectionsStore
  apps: Pick<AppsStore, "ownerOf">
  maxConnections: number
  newId(prefix: string): string
  changed(customerId: string): Promise<void>
}

export function connectionRoutes(routes: Routes, deps: ConnectionRoutesDeps): void {
  const { connections, changed } = deps

  /** Only holders of a customer's own app secret can sign for it, so nothing is left to prove there. */
  async function statusOn(appId: string, customerId: string): Promise<"pending" | "active"> {
    if (appId === DEFAULT_APP_ID) return "pending"
    const owner = await deps.apps.ownerOf(customerId, appId)
    if (owner) return owner === "customer" ? "active" : "pending"
    const message = "is not an app of yours or of the operator"
    throw new AppError("invalid_body", `app_id ${message}.`, { errors: [{ path: "app_id", message }] })
  }

  routes.customer("read", {
    method: "GET",
    url: "/v1/connections",
    operation: "listConnections",
    summary: "List connections",
    query: ConnectionQuery,
    answer: pageOf(Connection),
    async handle({ customerId, query }) {
      const page = pageRequest(CURSORS.connections, query)
      return pageAnswer(CURSORS.connections, await connections.list(customerId, query, page))
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/connections",
    operation: "createConnection",
    summary: "Connect a page",
    description:
      "Active at once on a customer's own app; on the operator's app pending until the operator activates it.",
    body: NewConnection,
    answer: Connection,
    status: 201,
    async handle({ customerId, body }) {
      const status = await statusOn(body.app_id, customerId)
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
    description: "Platform, page and app stay: connect again to change them.",
    body: ConnectionPatch,
    answer: Connection,
    async handle({ customerId, id, body }) {
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
