import { timingSafeEqual } from "node:crypto"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { AdminKey } from "../../core/api/admin-keys.ts"
import { isCustomerKey, parseApiKey } from "../../core/api/api-key.ts"
import { AppError } from "../../core/api/problem.ts"
import { Scope } from "../../core/api/resources/api-key.ts"
import { Id } from "../../core/api/resources/common.ts"
import type { KeyRecord } from "../../core/api/stores/api-keys.ts"
import type { CustomersStore } from "../../core/api/stores/customers.ts"
import { bearerToken } from "./bearer-token.ts"
import type { KeyCache } from "./key-cache.ts"
import type { FailureKind, Limiter } from "./rate-limits.ts"
import type { OnRefusedKey, RefusalReason } from "./refused-keys.ts"

/** The authenticated caller. The operator acts for the customer that the `Onehook-Customer` header names, if any. */
export interface Caller {
  kind: "operator" | "customer"
  customerId: string | null
  keyId: string
  keyName: string
  /** The public id to look the key up by; null for the operator's key. */
  publicId: string | null
  scopes: readonly Scope[]
}

/** Who may call a route. `owner` routes serve the operator's own objects or a customer's. */
export type Access = { to: "operator" } | { to: "customer" | "owner"; scopes: readonly Scope[] }

export interface AuthDeps {
  /** The operator's key that a token is, if any. */
  adminKey(token: string): AdminKey | undefined
  keys: KeyCache
  customers: Pick<CustomersStore, "get">
  limiter: Limiter
  onRefused: OnRefusedKey
  touch(keyId: string): void
  now(): number
}

const REFUSALS: Record<RefusalReason, string> = {
  unknown: "The API key is not valid.",
  revoked: "The API key has been revoked.",
  expired: "The API key has expired.",
}

/** `authorize` returns the caller or throws an AppError; `isStillAuthorized` checks the caller again later. */
export function createAuth(deps: AuthDeps) {
  async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    const token = bearerToken(request)
    if (token === undefined) throw unauthorized("Send the API key as Authorization: Bearer <key>.")
    if (!isCustomerKey(token)) return authenticateOperator(request, token)
    const parsed = parseApiKey(token)
    if (!parsed) return refuse(request, "customer")
    const record = await deps.keys.get(parsed.publicId)
    if (!record || !timingSafeEqual(record.hash, parsed.hash)) return refuse(request, "customer")
    await refuseRevokedOrExpired(request, record)
    await deps.limiter.count(request, reply, record.id)
    if (request.headers["onehook-customer"] !== undefined) {
      throw new AppError("operator_required", "Only the operator's key may use the Onehook-Customer header.")
    }
    deps.touch(record.id)
    const { id: keyId, name: keyName, customerId, scopes } = record
    return { kind: "customer", customerId, keyId, keyName, publicId: parsed.publicId, scopes }
  }

  async function authenticateOperator(request: FastifyRequest, token: string): Promise<Caller> {
    const key = deps.adminKey(token)
    if (!key) return refuse(request, "operator")
    const customerId = await customerFromHeader(request)
    return { kind: "operator", customerId, keyId: "operator", keyName: key.name, publicId: null, scopes: Scope.options }
  }

  async function customerFromHeader(request: FastifyRequest): Promise<string | null> {
    const id = request.headers["onehook-customer"]
    if (id === undefined) return null
    if (!Id.safeParse(id).success || !(await deps.customers.get(String(id)))) {
      throw new AppError("not_found", "The customer in the Onehook-Customer header does not exist.")
    }
    return String(id)
  }

  async function refuseRevokedOrExpired(request: FastifyRequest, { revoked, expiresAtMs }: KeyRecord): Promise<void> {
    if (revoked) return refuse(request, "customer", "revoked")
    if (expiresAtMs !== null && expiresAtMs <= deps.now()) return refuse(request, "customer", "expired")
  }

  async function refuse(request: FastifyRequest, kind: FailureKind, reason: RefusalReason = "unknown"): Promise<never> {
    deps.onRefused(request, kind, reason)
    await deps.limiter.failed(request, kind)
    throw unauthorized(REFUSALS[reason])
  }

  async function authorize(request: FastifyRequest, reply: FastifyReply, access: Access): Promise<Caller> {
    const caller = await authenticate(request, reply)
    if (access.to === "operator") {
      if (caller.kind !== "operator") throw new AppError("operator_required", "This route requires the operator's key.")
      return caller
    }
    if (access.to === "customer" && caller.customerId === null) {
      throw new AppError("customer_required", "Name the customer in the Onehook-Customer header (cus_…).")
    }
    for (const scope of access.scopes) requireScope(caller, scope, "This route")
    return caller
  }

  /** For long responses: whether the key is still valid and the customer still exists. */
  async function isStillAuthorized({ publicId, customerId }: Caller): Promise<boolean> {
    if (publicId === null) return customerId === null || (await deps.customers.get(customerId)) !== null
    const record = await deps.keys.get(publicId)
    return record !== null && !record.revoked && (record.expiresAtMs === null || record.expiresAtMs > deps.now())
  }

  return { authorize, isStillAuthorized }
}

export type Auth = ReturnType<typeof createAuth>

/** @param what the subject of the message, such as "This route" @throws AppError scope_missing */
export function requireScope(caller: Caller, scope: Scope, what: string): void {
  if (caller.scopes.includes(scope)) return
  throw new AppError("scope_missing", `${what} requires the scope "${scope}"; the key has ${caller.scopes.join(", ")}.`)
}

function unauthorized(detail: string): AppError {
  return new AppError("unauthorized", detail, { headers: { "www-authenticate": "Bearer" } })
}
