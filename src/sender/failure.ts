import type { Outcome } from "../core/delivery/outcome.ts"

/** A connection that was not made, with the outcome it means. Passes through undici unchanged. */
export class ConnectError extends Error {
  readonly outcome: Outcome

  constructor(outcome: Outcome) {
    super(`not connected: ${outcome.kind}`)
    this.name = "ConnectError"
    this.outcome = outcome
  }
}

/** More has come than any answer needs. An answer all the same, if there was a status. */
export class OverlongError extends Error {
  readonly code = "HPE_HEADER_OVERFLOW"
}

/** Codes of errors that we cause and no endpoint can: an impossible header, a closed pool, a broken assertion. */
const OWN_CODES = new Set([
  "ERR_ASSERTION",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
])

/** undici's names for what Node has a name for. */
const SYSTEM_CODES: Record<string, string> = {
  UND_ERR_HEADERS_OVERFLOW: "HPE_HEADER_OVERFLOW",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "ECONNRESET",
  UND_ERR_SOCKET: "ECONNRESET",
}

/** Every error as an outcome. Messages of network errors are left out: they name addresses. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof ConnectError) return error.outcome
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown }
  if (name === "HTTPParserError") return { kind: "network", code: typeof code === "string" ? code : "HPE_INVALID" }
  if (typeof code !== "string" || OWN_CODES.has(code)) return { kind: "fault", reason: `${name}: ${message}` }
  return { kind: "network", code: SYSTEM_CODES[code] ?? code }
}
