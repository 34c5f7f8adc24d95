import type { FastifyRequest } from "fastify"
import { AppError, PROBLEMS } from "../../core/api/problem.ts"
import type { AuditStore } from "../../core/api/stores/audit.ts"
import type { Caller } from "../auth/auth.ts"
import { clientAddress } from "../auth/client-address.ts"

interface Change {
  request: FastifyRequest
  caller: Caller
  operation: string
  /** The object that the URL names, or "". */
  objectId: string
}

export type Audited = <T>(change: Change, run: () => Promise<T>) => Promise<T>

interface AuditDeps {
  audit: AuditStore
  newId(prefix: string): string
  now(): number
  /** The result of a change could not be recorded, so its outcome stays unknown. */
  onUnknown(entryId: string): void
}

/** Records each change before it is made. If that fails, nothing is changed and the request fails. */
export function createAudited({ audit, newId, now, onUnknown }: AuditDeps): Audited {
  return async (change, run) => {
    const id = newId("aud")
    await audit.begin({ id, atMs: now(), ...describe(change) })
    const record = (writing: Promise<void>) => writing.catch(() => onUnknown(id))
    try {
      const result = await run()
      await record(audit.finish(id, { createdId: createdBy(result, change), customerId: ownerOf(result) }))
      return result
    } catch (error) {
      if (isRefusal(error)) await record(audit.drop(id))
      throw error
    }
  }
}

function describe({ request, caller, operation, objectId }: Change) {
  const isCustomer = objectId.startsWith("cus_")
  return {
    actor: caller.kind,
    key_id: caller.publicId === null ? null : caller.keyId,
    key_name: caller.keyName,
    address: clientAddress(request.ip),
    operation,
    object_id: objectId === "" ? null : objectId,
    fields: Object.keys((request.body ?? {}) as object),
    customer_id: caller.customerId ?? (isCustomer ? objectId : null),
  }
}

/** Any other error may have come after a part of the change. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppError && PROBLEMS[error.code].status < 500
}

function createdBy(result: unknown, { objectId }: Change): string | null {
  const { id } = (result ?? {}) as { id?: unknown }
  return typeof id === "string" && id !== objectId ? id : null
}

function ownerOf(result: unknown): string | null {
  const { id, customer_id: owner } = (result ?? {}) as { id?: unknown; customer_id?: unknown }
  if (typeof owner === "string") return owner
  return typeof id === "string" && id.startsWith("cus_") ? id : null
}
