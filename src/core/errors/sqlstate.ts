/** What Postgres' errors are told apart by: https://www.postgresql.org/docs/current/errcodes-appendix.html */

/** A statement ran into its deadline, or was canceled. */
export const QUERY_CANCELED = "57014"
export const INSUFFICIENT_PRIVILEGE = "42501"
/** Someone else has the lock that was not to be waited for. */
export const LOCK_NOT_AVAILABLE = "55P03"

/** Did another transaction move the row, or have what this one waited for? Done anew, the same may succeed. */
export function isConflict(code: unknown): boolean {
  return code === "40001" || code === "40P01"
}

/**
 * Does a SQLSTATE say that the connection or the server, not the statement, has failed, so that the same may succeed later?
 * Connection (08), out of connections, memory or disk (53), canceled or shutting down (57), a server that became read-only.
 */
export function isUnavailableState(code: string): boolean {
  return /^(?:(?:08|53|57)[0-9A-Z]{3}|25006)$/.test(code)
}

/**
 * May the message under a SQLSTATE repeat the values that the statement was about? Of data that cannot be read as what it
 * should be (22), and of what triggers and functions of the operator raise (P0); all others name tables and constraints.
 */
export function repeatsValues(code: unknown): boolean {
  return typeof code === "string" && /^(?:22|P0)[0-9A-Z]{3}$/.test(code)
}
