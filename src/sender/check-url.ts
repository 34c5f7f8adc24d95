import { ConnectError } from "./failure.ts"
import { type Vetting, vettedAddresses } from "./vetted-addresses.ts"

/**
 * Checks a URL that a customer sets, as far as possible without a connection. Returns null or a sentence for the
 * customer, which does not reveal the addresses of a name. A name that cannot be resolved now is allowed: it may be
 * created later, and every connection checks it again.
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
      const blocked = error instanceof ConnectError && error.outcome.kind === "blocked"
      return blocked ? "the host is not public" : null
    }
  }
}
