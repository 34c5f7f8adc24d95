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
    summary: "Give an endpoint a new secret",
    description: "While secrets overlap, each of them signs every request. The new secret is shown this once.",
    body: SecretRotation,
    answer: EndpointWithSecret,
    async handle({ customerId, id, body }) {
      const secret = createEndpointSecret(deps.randomBytes(SECRET_BYTES))
      const overlapMs = body.overlap_hours * HOUR_MS
      const rotation = { secret, overlapMs, nowMs: deps.now(), maxLive: MAX_LIVE_SECRETS }
      const endpoint = found(await endpoints.rotateSecret(customerId, id, rotation))
      if (endpoint === "full") {
        throw new AppError("secrets_live", `${MAX_LIVE_SECRETS} secrets are live. Send overlap_hours 0 to revoke them.`)
      }
      await changed(customerId)
      return { ...endpoint, secret }
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/endpoints/:id/revoke-secrets",
    operation: "revokeEndpointSecrets",
    summary: "End the old secrets of an endpoint",
    description: "Only the newest signs from now on, whatever overlap was left.",
    answer: Endpoint,
    async handle({ customerId, id }) {
      const endpoint = found(await endpoints.revokeSecrets(customerId, id))
      await changed(customerId)
      return endpoint
    },
  })
}
