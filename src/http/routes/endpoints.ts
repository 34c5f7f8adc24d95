import { AppError } from "../../core/api/problem.ts"
import { PageQuery, pageOf } from "../../core/api/resources/common.ts"
import {
  Endpoint,
  EndpointPatch,
  EndpointWithSecret,
  NewEndpoint,
  Recovery,
} from "../../core/api/resources/endpoint.ts"
import type { EndpointsStore } from "../../core/api/stores/endpoints.ts"
import { createEndpointSecret } from "../../core/delivery/signature.ts"
import { type Caller, requireScope } from "../auth/auth.ts"
import { type LimitOf, limitReached } from "../routing/limits.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, notFound, type Routes } from "../routing/route.ts"
import { invalidField } from "../routing/validate.ts"
import { SECRET_BYTES } from "./endpoint-secrets.ts"

export interface EndpointRoutesDeps {
  endpoints: EndpointsStore
  limitOf: LimitOf
  newId(prefix: string): string
  randomBytes(size: number): Uint8Array
  /** What the address policy rejects about the URL, as a sentence, or null. */
  checkUrl(url: string): Promise<string | null>
  changed(customerId: string): Promise<void>
  /** Tells the dispatchers that the endpoint may have due deliveries. */
  wake(endpointId: string): void
}

export function endpointRoutes(routes: Routes, deps: EndpointRoutesDeps): void {
  const { endpoints, changed } = deps

  async function setStatus(customerId: string, id: string, change: Parameters<EndpointsStore["setStatus"]>[2]) {
    const endpoint = found(await endpoints.setStatus(customerId, id, change))
    await changed(customerId)
    if (change.status === "active") deps.wake(id)
    return endpoint
  }

  routes.customer("read", {
    method: "GET",
    url: "/v1/endpoints",
    operation: "listEndpoints",
    summary: "List endpoints",
    query: PageQuery,
    response: pageOf(Endpoint),
    async handle({ customerId, query }) {
      return pageResponse(CURSORS.endpoints, await endpoints.list(customerId, pageRequest(CURSORS.endpoints, query)))
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/endpoints",
    operation: "createEndpoint",
    summary: "Create an endpoint",
    description:
      "The endpoint receives events that arrive from now on. The signing secret is shown only in this response.",
    body: NewEndpoint,
    response: EndpointWithSecret,
    status: 201,
    async handle({ customerId, body }) {
      await refuseUrl(deps.checkUrl, body.url)
      const secret = createEndpointSecret(deps.randomBytes(SECRET_BYTES))
      const given = { ...body, id: deps.newId("ep"), customer_id: customerId, secret }
      const max = await deps.limitOf("endpoints", customerId)
      const endpoint = await endpoints.create(given, max)
      if (!endpoint) throw limitReached("endpoints", max)
      await changed(customerId)
      return { ...endpoint, secret }
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/endpoints/:id",
    operation: "getEndpoint",
    summary: "Get an endpoint",
    response: Endpoint,
    async handle({ customerId, id }) {
      return found(await endpoints.get(customerId, id))
    },
  })

  routes.customer("write", {
    method: "PATCH",
    url: "/v1/endpoints/:id",
    operation: "updateEndpoint",
    summary: "Update an endpoint",
    description:
      "If `url` moves to another origin (scheme, host or port), the endpoint's `headers` must be given again, and the key " +
      "requires `read` beside `write`: what waits for the endpoint is sent there.",
    body: EndpointPatch,
    response: Endpoint,
    async handle({ customerId, id, body, caller }) {
      if (body.url !== undefined) await refuseUrl(deps.checkUrl, body.url)
      const { status, ...patch } = body
      const check = (current: Endpoint) => refuseMove(current, patch, caller)
      const endpoint = found(await endpoints.update(customerId, id, patch, check))
      if (status !== undefined && status !== endpoint.status) {
        return setStatus(customerId, id, status === "active" ? { status, recover: "held" } : { status })
      }
      await changed(customerId)
      return endpoint
    },
  })

  routes.customer("write", {
    method: "DELETE",
    url: "/v1/endpoints/:id",
    operation: "deleteEndpoint",
    summary: "Delete an endpoint",
    description: "Its pending and held deliveries are canceled.",
    async handle({ customerId, id }) {
      if (!(await endpoints.remove(customerId, id))) throw notFound()
      await changed(customerId)
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/endpoints/:id/enable",
    operation: "enableEndpoint",
    summary: "Enable an endpoint",
    description: "Held deliveries are sent, a few at first, or canceled with `recover: none`.",
    body: Recovery,
    response: Endpoint,
    handle: ({ customerId, id, body }) => setStatus(customerId, id, { status: "active", recover: body.recover }),
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/endpoints/:id/disable",
    operation: "disableEndpoint",
    summary: "Disable an endpoint",
    description: "Its deliveries are held until it is enabled again.",
    response: Endpoint,
    handle: ({ customerId, id }) => setStatus(customerId, id, { status: "disabled", reason: "requested" }),
  })
}

/**
 * Another origin may be another receiver: it must learn neither header values nor, from a write-only key, stored
 * events.
 */
function refuseMove(current: Endpoint, { url, headers }: EndpointPatch, caller: Caller): void {
  if (url === undefined || originOf(url) === originOf(current.url)) return
  requireScope(caller, "read", "A url of another origin")
  const hasHeaders = current.headers === null || Object.keys(current.headers).length > 0
  if (!hasHeaders || headers !== undefined) return
  throw invalidField("headers", "must be given again because url moves to another origin; {} removes them")
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}

async function refuseUrl(checkUrl: EndpointRoutesDeps["checkUrl"], url: string): Promise<void> {
  const problem = await checkUrl(url)
  if (problem) {
    throw new AppError("invalid_body", `url: ${problem}.`, { errors: [{ path: "url", message: problem }] })
  }
}
