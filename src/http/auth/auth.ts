import { createHash, timingSafeEqual } from "node:crypto"
import type { FastifyReply, FastifyRequest } from "fastify"
import { isCustomerKey, parseApiKey } from "../../core/api/api-key.ts"
import { AppError } from "../../core/api/problem.ts"
import { Scope } from "../../core/api/resources/api-key.ts"
import { Id } from "../../core/api/resources/common.ts"
import type { KeyRecord } from "../../core/api/stores/api-keys.ts"
import type { CustomersStore } from "../../core/api/stores/customers.ts"
import type { KeyCache } from "./key-cache.ts"
import type { FailureKind, Limiter } from "./rate-limits.ts"

/** Who asks. The operator acts for a customer where the `Onehook-Customer` header names one. */
export interface Caller {
  kind: "operator" | "customer"
  customerId: string | null
  keyId: string
  /** By which the key is found again; null for the operator's. */
  publicId: string | null
  scopes: readonly Scope[]
}

/** `owner` routes serve the operator's own objects, or a customer's. */
export type Access = { to: "operator" } | { to: "customer" | "owner"; scope: Scope }

export interface AuthDeps {
  adminKey: string
  keys: KeyCache
  customers: Pick<CustomersStore, "get">
  limiter: Limiter
  touch(keyId: string): void
  now(): number
}

/** `authorize` says who asks and that they may, or throws an AppError; `stillHolds` says it again later. */
export function createAuth(deps: AuthDeps) {
  const adminDigest = digest(deps.adminKey)

  async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    const token = bearerToken(request)
    if (!isCustomerKey(token)) return authenticateOperator(request, token)
    const parsed = parseApiKey(token)
    if (!parsed || !deps.keys.knows(parsed.publicId)) await deps.limiter.refuseGuessing(request, "customer")
    if (!parsed) return refuse(request, "customer")
    const record = await deps.keys.get(parsed.publicId)
    if (!record || !timingSafeEqual(record.hash, parsed.hash)) return refuse(request, "customer")
    await refuseEnded(request, record)
    await deps.limiter.count(request, reply, record.id)
    if (request.headers["onehook-customer"] !== undefined) {
      throw new AppError("operator_required", "Only the operator's key may name a customer in Onehook-Customer.")
    }
    deps.touch(record.id)
    const { id: keyId, customerId, scopes } = record
    return { kind: "customer", customerId, keyId, publicId: parsed.publicId, scopes }
  }

  async function authenticateOperator(request: FastifyRequest, token: string): Promise<Caller> {
    await deps.limiter.refuseGuessing(request, "operator")
    if (!timingSafeEqual(digest(token), adminDigest)) return refuse(request, "operator")
    const customerId = await namedCustomer(request)
    return { kind: "operator", customerId, keyId: "operator", publicId: null, scopes: Scope.options }
  }

  async function namedCustomer(request: FastifyRequest): Promise<string | null> {
    const id = request.headers["onehook-customer"]
    if (id === undefined) return null
    if (!Id.safeParse(id).success || !(await deps.customers.get(String(id)))) {
      throw new AppError("not_found", "The customer that Onehook-Customer names does not exist.")
    }
    return String(id)
  }

  async function refuseEnded(request: FastifyRequest, { revoked, expiresAtMs }: KeyRecord): Promise<void> {
    if (revoked) return refuse(request, "customer", "The key has been revoked.")
    if (expiresAtMs !== null && expiresAtMs <= deps.now()) return refuse(request, "customer", "The key has expired.")
  }

  async function refuse(request: FastifyRequest, kind: FailureKind, detail = "The key is not valid."): Promise<never> {
    await deps.limiter.failed(request, kind)
    throw unauthorized(detail)
  }

  async function authorize(request: FastifyRequest, reply: FastifyReply, access: Access): Promise<Caller> {
    const caller = await authenticate(request, reply)
    if (access.to === "operator") {
      if (caller.kind !== "operator") throw new AppError("operator_required", "This route needs the operator's key.")
      return caller
    }
    if (access.to === "customer" && caller.customerId === null) {
      throw new AppError("customer_required", "Name the customer in the header Onehook-Customer: cus_….")
    }
    if (!caller.scopes.includes(access.scope)) {
      throw new AppError(
        "scope_missing",
        `This needs the scope "${access.scope}"; the key has ${caller.scopes.join(", ")}.`,
      )
    }
    return caller
  }

  /** For answers that take long: is the key still good, the customer still there? */
  async function stillHolds({ publicId, customerId }: Caller): Promise<boolean> {
    if (publicId === null) return customerId === null || (await deps.customers.get(customerId)) !== null
    const record = await deps.keys.get(publicId)
    return record !== null && !record.revoked && (record.expiresAtMs === null || record.expiresAtMs > deps.now())
  }

  return { authorize, stillHolds }
}

export type Auth = ReturnType<typeof createAuth>

function bearerToken(request: FastifyRequest): string {
  const match = /^bearer ([\x21-\x7e]{1,500})$/i.exec(request.headers.authorization ?? "")
  if (!match?.[1]) throw unauthorized("Send the key as Authorization: Bearer <key>.")
  return match[1]
}

function unauthorized(detail: string): AppError {
  return new AppError("unauthorized", detail, { headers: { "www-authenticate": "Bearer" } })
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
