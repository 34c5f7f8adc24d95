/**
 * Does a SQLSTATE say that the connection or the server, not the statement, has failed, so that the same may succeed later?
 * Connection (08), out of connections, memory or disk (53), canceled or shutting down (57), a server that became read-only.
 */
export function isUnavailableState(code: string): boolean {
  return /^(?:(?:08|53|57)[0-9A-Z]{3}|25006)$/.test(code)
}
