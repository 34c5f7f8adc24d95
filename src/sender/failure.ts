import type { Outcome } from "../core/delivery/outcome.ts"

/** A connection could not be made; carries the outcome of the attempt. Passes through undici unchanged. */
export class ConnectError extends Error {
  readonly outcome: Outcome

  constructor(outcome: Outcome) {
    super(`not connected: ${outcome.kind}`)
    this.name = "ConnectError"
    this.outcome = outcome
  }
}

/** The response is longer than any response needs to be. If a status was received, it still counts as a response. */
export class OverlongError extends Error {
  readonly code = "HPE_HEADER_OVERFLOW"
}

/** Codes of errors that Onehook causes and no endpoint can: an invalid header, a closed pool, a failed assertion. */
const OWN_CODES = new Set([
  "ERR_ASSERTION",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
])

/** undici's codes for errors that have a code in Node. */
const SYSTEM_CODES: Record<string, string> = {
  UND_ERR_HEADERS_OVERFLOW: "HPE_HEADER_OVERFLOW",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "ECONNRESET",
  UND_ERR_SOCKET: "ECONNRESET",
}

/**
 * Whether the head itself contradicts its `Content-Length`: there are two of them, or `Transfer-Encoding` too. undici
 * then reports the error of a body that is too short.
 *
 * @param status of the response; 0 while its head is incomplete
 * @param hasEnded whether the endpoint has ended the connection; then the head is merely cut off
 */
export function isAmbiguousLength(error: unknown, status: number, hasEnded: boolean): boolean {
  const { code } = error as { code?: unknown }
  return code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" && status === 0 && !hasEnded
}

/** Turns any error into an outcome. Messages of network errors are left out, since they contain addresses. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof ConnectError) return error.outcome
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown }
  if (name === "HTTPParserError") return { kind: "network", code: typeof code === "string" ? code : "HPE_INVALID" }
  if (typeof code !== "string" || OWN_CODES.has(code)) return { kind: "fault", reason: `${name}: ${message}` }
  return { kind: "network", code: SYSTEM_CODES[code] ?? code }
}
