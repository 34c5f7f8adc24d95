import { AppError } from "../../core/api/problem.ts"

/**
 * The error for a request with several Host headers, which a proxy may read differently (RFC 9112, 3.2). Node keeps the
 * first and drops the others.
 *
 * @param rawHeaders names and values in turn
 */
export function hostFault(rawHeaders: readonly string[]): AppError | undefined {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ""
    if (name.length === 4 && name.toLowerCase() === "host") hosts += 1
  }
  return hosts > 1 ? new AppError("bad_request", "The request has more than one Host header.") : undefined
}
