import { AppError } from "../../core/api/problem.ts"
import { Endpoint, EndpointWithSecret, MAX_LIVE_SECRETS, SecretRotation } from "../../core/api/resources/endpoint.ts"
import type { EndpointsStore } from "../../core/api/stores/endpoints.ts"
import { createEndpointSecret } from "../../core/delivery/signature.ts"
import { found, type Routes } from "../routing/route.ts"

interface EndpointSecretRoutesDeps {
  endpoints: EndpointsStore
  randomBytes(size: number): Uint8Array
  now(): number
  changed(customerId: string): Promise<void>
}

export const SECRET_BYTES = 32
const HOUR_MS = 3_600_000

export function endpointSecretRoutes(routes: Routes, deps: EndpointSecretRoutesDeps): void {
  const { endpoints, changed } = deps

  routes.customer("write", {
    method: "POST",
    url: "/v1/endpoints/:id/rotate-secret",
    operation: "rotateEndpointSecret",
    summary: "Rotate an endpoint's signing secret",
    description:
      "The new secret is shown only in this response. While secrets overlap, every request is signed with each of them.",
    body: SecretRotation,
    response: EndpointWithSecret,
    async handle({ customerId, id, body }) {
      const secret = createEndpointSecret(deps.randomBytes(SECRET_BYTES))
      const overlapMs = body.overlap_hours * HOUR_MS
      const rotation = { secret, overlapMs, nowMs: deps.now(), maxLive: MAX_LIVE_SECRETS }
      const endpoint = found(await endpoints.rotateSecret(customerId, id, rotation))
      if (endpoint === "full") {
        throw new AppError(
          "secrets_live",
          `The endpoint has ${MAX_LIVE_SECRETS} live secrets. Send overlap_hours 0 to revoke the old ones.`,
        )
      }
      await changed(customerId)
      return { ...endpoint, secret }
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/endpoints/:id/revoke-secrets",
    operation: "revokeEndpointSecrets",
    summary: "Revoke an endpoint's old signing secrets",
    description: "From now on requests are signed with the newest secret only, even if an overlap has not ended.",
    response: Endpoint,
    async handle({ customerId, id }) {
      const endpoint = found(await endpoints.revokeSecrets(customerId, id))
      await changed(customerId)
      return endpoint
    },
  })
}
