import { ConnectError } from "./failure.ts"
import { type Vetting, vettedAddresses } from "./vetted-addresses.ts"

const ABSENT = new Set(["ENOTFOUND", "ENODATA"])

/**
 * Checks a URL that a customer sets, as far as possible without a connection. Returns null or a sentence for the
 * customer. It is the same for a name that does not exist and for one with internal addresses, so that nobody learns
 * which internal names exist. While name servers fail, a name is allowed: every connection checks it again.
 */
export function createUrlCheck(vetting: Vetting) {
  return async function checkUrl(url: string): Promise<string | null> {
    const problem = vetting.policy.checkUrl(url)
    if (problem) return problem
    const { hostname } = new URL(url)
    const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname
    try {
      await vettedAddresses(host, vetting)
      return null
    } catch (error) {
      return isBlocked(error) || isAbsent(error) ? "the host has no public address" : null
    }
  }
}

const isBlocked = (error: unknown) => error instanceof ConnectError && error.outcome.kind === "blocked"

function isAbsent(error: unknown): boolean {
  const { code } =
    error instanceof ConnectError && error.outcome.kind === "network" ? error.outcome : (error as { code?: string })
  return ABSENT.has(code ?? "")
}
