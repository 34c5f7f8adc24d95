import { AppError } from "../../core/api/problem.ts"
import { type CustomerLimits, DEFAULT_LIMITS } from "../../core/api/resources/customer.ts"
import type { CustomersStore } from "../../core/api/stores/customers.ts"

export type LimitOf = (kind: keyof CustomerLimits, owner: string | null) => Promise<number>

/**
 * How many objects of a kind a customer may have: its own limit, or the default, which also applies to the operator.
 */
export function createLimits(customers: Pick<CustomersStore, "get">): LimitOf {
  return async (kind, owner) => {
    const own = owner === null ? null : await customers.get(owner)
    return own?.limits[kind] ?? DEFAULT_LIMITS[kind]
  }
}

const NOUNS: Record<keyof CustomerLimits, string> = {
  endpoints: "endpoints. Delete one first.",
  api_keys: "API keys. Revoke one first.",
  connections: "connections. Delete one first.",
  apps: "apps. Delete one first.",
  replays: "running replays. Cancel one, or wait until one is done.",
}

export function limitReached(kind: keyof CustomerLimits, max: number): AppError {
  return new AppError("limit_reached", `The limit is ${max} ${NOUNS[kind]} The operator can raise it.`)
}
