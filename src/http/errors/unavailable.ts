import { isUnavailableState } from "../../core/errors/sqlstate.ts"

const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EPIPE", "EHOSTUNREACH"])
const MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|query read timeout|client has encountered|pglite is clos/i

/** Does the error say that the store cannot be reached just now, rather than that a statement of ours is wrong? */
export function isStoreUnavailable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown }
    if (typeof code === "string" && (NETWORK.has(code) || isUnavailableState(code))) return true
    if (MESSAGES.test(cause.message)) return true
    if (cause instanceof AggregateError && cause.errors.some(isStoreUnavailable)) return true
  }
  return false
}
