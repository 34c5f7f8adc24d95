/** The SQLSTATE codes of Postgres: https://www.postgresql.org/docs/current/errcodes-appendix.html */

/** A statement exceeded its deadline or was canceled. */
export const QUERY_CANCELED = "57014"
export const INSUFFICIENT_PRIVILEGE = "42501"
/** Another session holds the lock, and the statement was not to wait for it. */
export const LOCK_NOT_AVAILABLE = "55P03"

/** A row with the same unique key exists. */
export const UNIQUE_VIOLATION = "23505"

/** A serialization failure or a deadlock: the same transaction may succeed if it is run again. */
export function isConflict(code: unknown): boolean {
  return code === "40001" || code === "40P01"
}

/**
 * Did the connection or the server fail rather than the statement, so that the same statement may succeed later?
 * Connection (08), out of connections, memory or disk (53), canceled or shutting down (57), read-only server (25006).
 */
export function isUnavailableState(code: string): boolean {
  return /^(?:(?:08|53|57)[0-9A-Z]{3}|25006)$/.test(code)
}

/**
 * May the message of this SQLSTATE contain values of the statement? Yes for invalid data (22) and for errors raised by
 * the operator's triggers and functions (P0); all others name only tables and constraints.
 */
export function repeatsValues(code: unknown): boolean {
  return typeof code === "string" && /^(?:22|P0)[0-9A-Z]{3}$/.test(code)
}
