import { isIP } from "node:net"
import type { AddressPolicy } from "./address-policy.ts"
import { ConnectError } from "./failure.ts"
import type { ResolveHost } from "./resolve-host.ts"

export interface Vetting {
  policy: AddressPolicy
  resolve: ResolveHost
  dnsTimeoutMs: number
}

/**
 * All addresses of a host, after checking that each may be reached. One special-purpose address refuses the host, since
 * Onehook cannot know which address is meant. Rejects with a ConnectError or a system error.
 */
export async function vettedAddresses(host: string, vetting: Vetting): Promise<string[]> {
  const addresses = isIP(host) ? [host] : await resolveInTime(host, vetting)
  for (const address of addresses) {
    const problem = vetting.policy.checkAddress(address)
    if (problem) throw new ConnectError({ kind: "blocked", reason: problem })
  }
  if (addresses.length === 0) throw new ConnectError({ kind: "network", code: "ENOTFOUND" })
  return addresses
}

function resolveInTime(host: string, { resolve, dnsTimeoutMs }: Vetting): Promise<string[]> {
  const tooLate = () => new ConnectError({ kind: "timeout", phase: "dns" })
  return new Promise((fulfill, reject) => {
    const timer = setTimeout(() => reject(tooLate()), dnsTimeoutMs)
    resolve(host)
      .catch((error) => {
        throw error?.code === "ETIMEOUT" ? tooLate() : error
      })
      .then(fulfill, reject)
      .finally(() => clearTimeout(timer))
  })
}
