import { isUnavailableState } from "../../core/errors/sqlstate.ts"

const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EPIPE", "EHOSTUNREACH"])
const MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|query read timeout|client has encountered|pglite is clos/i

/** Whether the error means that the store is temporarily unavailable, and not that a statement is wrong. */
export function isStoreUnavailable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown }
    if (typeof code === "string" && (NETWORK.has(code) || isUnavailableState(code))) return true
    if (MESSAGES.test(cause.message)) return true
    if (cause instanceof AggregateError && cause.errors.some(isStoreUnavailable)) return true
  }
  return false
}
