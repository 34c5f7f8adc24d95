import type { Socket } from "node:net"
import { AppError, type ProblemCode } from "../../core/api/problem.ts"
import { rawProblem } from "./problem-handler.ts"

const CODES: Record<string, { code: ProblemCode; detail: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: { code: "request_timeout", detail: "The request did not arrive in time." },
  HPE_HEADER_OVERFLOW: { code: "headers_too_large", detail: "The header fields are larger than 16 KB." },
}

/** Responds to input that never became a request, then closes the connection. */
export function createSocketErrorHandler(publicUrl: () => string, newRequestId: () => string) {
  return function handleSocketError(error: Error & { code?: string }, socket: Socket): void {
    if (socket.destroyed) return
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy()
      return
    }
    const { code, detail } = CODES[error.code ?? ""] ?? {
      code: "bad_request",
      detail: "The request is not valid HTTP.",
    }
    socket.end(rawProblem(new AppError(code, detail), publicUrl(), newRequestId()))
    socket.destroySoon()
  }
}
