import { API_KEY_RANDOM_BYTES, createApiKey } from "../../core/api/api-key.ts"
import { AppError } from "../../core/api/problem.ts"
import { ApiKey, CreatedApiKey, KeyRotation, NewApiKey, type Scope } from "../../core/api/resources/api-key.ts"
import { PageQuery, pageOf } from "../../core/api/resources/common.ts"
import type { ApiKeysStore } from "../../core/api/stores/api-keys.ts"
import type { CustomersStore } from "../../core/api/stores/customers.ts"
import type { Caller } from "../auth/auth.ts"
import { type LimitOf, limitReached } from "../routing/limits.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, type Routes } from "../routing/route.ts"
import { invalidField } from "../routing/validate.ts"

const HOUR_MS = 3_600_000

export interface ApiKeyRoutesDeps {
  apiKeys: ApiKeysStore
  customers: Pick<CustomersStore, "get">
  limitOf: LimitOf
  newId(prefix: string): string
  randomBytes(size: number): Uint8Array
  now(): number
  /** Drops cached keys after a change. */
  changed(customerId: string): Promise<void>
}

export function apiKeyRoutes(routes: Routes, deps: ApiKeyRoutesDeps): void {
  const { apiKeys, customers, changed } = deps

  async function create(customerId: string, given: NewApiKey, caller: Caller) {
    refuseBadGrant(given, caller, deps.now())
    const { key, publicId, hash } = createApiKey(given.mode, deps.randomBytes(API_KEY_RANDOM_BYTES))
    const max = await deps.limitOf("api_keys", customerId)
    const stored = await apiKeys.create(
      {
        id: deps.newId("key"),
        customerId,
        name: given.name,
        publicId,
        hash,
        scopes: [...new Set(given.scopes)],
        expiresAt: given.expires_at,
      },
      max,
    )
    if (!stored) throw limitReached("api_keys", max)
    await changed(customerId)
    return { ...stored, key }
  }

  async function rotate(customerId: string, oldId: string, overlapMs: number, caller: Caller) {
    const old = found(await apiKeys.get(customerId, oldId))
    refuseMissingScopes(old.scopes, caller)
    const mode = old.prefix.startsWith("ohk_test_") ? "test" : "live"
    const { key, publicId, hash } = createApiKey(mode, deps.randomBytes(API_KEY_RANDOM_BYTES))
    const nowMs = deps.now()
    const oldEndsAt = new Date(nowMs + overlapMs).toISOString()
    const replacement = { id: deps.newId("key"), publicId, hash, oldEndsAt, nowMs }
    const max = await deps.limitOf("api_keys", customerId)
    const stored = await apiKeys.rotate(customerId, oldId, replacement, max)
    if (stored === "ended")
      throw new AppError("key_ended", "Only a key that is neither revoked nor expired can be rotated.")
    if (stored === "full") throw limitReached("api_keys", max)
    await changed(customerId)
    return { ...stored, key }
  }

  async function list(customerId: string, query: PageQuery) {
    return pageResponse(CURSORS.apiKeys, await apiKeys.list(customerId, pageRequest(CURSORS.apiKeys, query)))
  }

  routes.operator({
    method: "GET",
    url: "/v1/customers/:id/api-keys",
    operation: "listCustomerApiKeys",
    summary: "List the API keys of a customer",
    query: PageQuery,
    response: pageOf(ApiKey),
    async handle({ id, query }) {
      found(await customers.get(id))
      return list(id, query)
    },
  })

  routes.operator({
    method: "POST",
    url: "/v1/customers/:id/api-keys",
    operation: "createCustomerApiKey",
    summary: "Create an API key for a customer",
    description: "The key is shown only in this response.",
    body: NewApiKey,
    response: CreatedApiKey,
    status: 201,
    async handle({ id, body, caller }) {
      found(await customers.get(id))
      return create(id, body, caller)
    },
  })

  routes.customer("admin", {
    method: "GET",
    url: "/v1/api-keys",
    operation: "listApiKeys",
    summary: "List API keys",
    query: PageQuery,
    response: pageOf(ApiKey),
    handle: ({ customerId, query }) => list(customerId, query),
  })

  routes.customer("admin", {
    method: "POST",
    url: "/v1/api-keys",
    operation: "createApiKey",
    summary: "Create an API key",
    description: "The key is shown only in this response. A key can grant only the scopes that it has itself.",
    body: NewApiKey,
    response: CreatedApiKey,
    status: 201,
    handle: ({ customerId, body, caller }) => create(customerId, body, caller),
  })

  routes.customer("admin", {
    method: "POST",
    url: "/v1/api-keys/:id/rotate",
    operation: "rotateApiKey",
    summary: "Rotate an API key",
    description:
      "Creates a key with the same name, scopes and expiry, shown only in this response. The old key stays valid until " +
      "the overlap ends. A key can rotate itself.",
    body: KeyRotation,
    response: CreatedApiKey,
    status: 201,
    handle: ({ customerId, id, body, caller }) => rotate(customerId, id, body.overlap_hours * HOUR_MS, caller),
  })

  routes.customer("admin", {
    method: "DELETE",
    url: "/v1/api-keys/:id",
    operation: "revokeApiKey",
    summary: "Revoke an API key",
    description:
      "Takes effect immediately in this gateway and within one second in all others. A key can revoke itself.",
    response: ApiKey,
    async handle({ customerId, id }) {
      const key = found(await apiKeys.revoke(customerId, id))
      await changed(customerId)
      return key
    },
  })
}

function refuseMissingScopes(scopes: readonly Scope[], caller: Caller): void {
  const missing = scopes.filter((scope) => !caller.scopes.includes(scope))
  if (missing.length === 0) return
  throw new AppError(
    "scope_missing",
    `A key can grant only the scopes that it has; this one lacks ${missing.join(", ")}.`,
  )
}

function refuseBadGrant(given: NewApiKey, caller: Caller, nowMs: number): void {
  refuseMissingScopes(given.scopes, caller)
  if (given.expires_at !== null && Date.parse(given.expires_at) <= nowMs) {
    throw invalidField("expires_at", "must be in the future")
  }
}
