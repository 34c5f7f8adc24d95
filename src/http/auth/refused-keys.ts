import type { FastifyBaseLogger, FastifyRequest } from "fastify"
import { clientAddress } from "./client-address.ts"
import type { FailureKind } from "./rate-limits.ts"

export type RefusalReason = "unknown" | "revoked" | "expired"

/** Counts a refused key and writes it to the log. */
export type OnRefusedKey = (request: FastifyRequest, kind: FailureKind, reason: RefusalReason) => void

const WINDOW_MS = 60_000
/** Guessing from many addresses must not fill the log. */
const LINES_PER_WINDOW = 20

/**
 * Logs the address of a refused key, never the key: once a minute per address and reason, and at most twenty lines a
 * minute. `not_logged` of a line says how many refusals had no line since the one before.
 */
export function createRefusedKeys(deps: {
  logger: Pick<FastifyBaseLogger, "warn">
  count(kind: FailureKind, reason: RefusalReason): void
  now(): number
}): OnRefusedKey {
  const logged = new Set<string>()
  let sinceMs = Number.NEGATIVE_INFINITY
  let notLogged = 0

  return (request, kind, reason) => {
    deps.count(kind, reason)
    const nowMs = deps.now()
    if (nowMs - sinceMs >= WINDOW_MS) {
      logged.clear()
      sinceMs = nowMs
    }
    const address = clientAddress(request.ip)
    const line = `${address} ${kind} ${reason}`
    if (logged.has(line) || logged.size >= LINES_PER_WINDOW) {
      notLogged += 1
      return
    }
    logged.add(line)
    deps.logger.warn({ address, key: kind, reason, not_logged: notLogged, request_id: request.id }, "refused a key")
    notLogged = 0
  }
}
