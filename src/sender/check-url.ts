import { ConnectError } from "./failure.ts"
import { type Vetting, vettedAddresses } from "./vetted-addresses.ts"

/**
 * What is asked of a URL when a customer gives it: all that can be said without a connection. The answer is null or a
 * sentence for the customer, which does not say where inside a name leads. A name that cannot be looked up now is let
 * pass: it may be made later, and every connection vets it again.
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
