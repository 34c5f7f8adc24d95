import type { Drain } from "./drain.ts"

export interface LeaseRenewalDeps {
  /** Renews the leases of these endpoints; resolves with those that this dispatcher still holds. */
  renew(endpointIds: string[]): Promise<Set<string>>
  renewEveryMs: number
  /** A lease that was not renewed for this long can be taken by any dispatcher. */
  leaseMs: number
  /** Milliseconds on a monotonic clock. */
  now(): number
  onError(error: unknown, endpointId: string): void
}

/** Returns a function that renews the leases of all drains. Call it every `renewEveryMs`. */
export function createLeaseRenewal(drains: ReadonlyMap<string, Drain>, deps: LeaseRenewalDeps): () => void {
  let renewedMs = deps.now()

  return function renewLeases() {
    const ids = [...drains.keys()]
    const requestedMs = deps.now()
    if (ids.length === 0) {
      renewedMs = requestedMs
      return
    }
    // The store was unreachable or this process paused: another dispatcher may take the leases before the next renewal.
    const mayLapse = requestedMs + deps.renewEveryMs > renewedMs + deps.leaseMs
    if (mayLapse) for (const id of ids) drains.get(id)?.leaseLost()
    deps
      .renew(ids)
      .then((stillOurs) => {
        renewedMs = Math.max(renewedMs, requestedMs)
        for (const id of ids) {
          if (!stillOurs.has(id)) drains.get(id)?.leaseLost()
          else if (mayLapse) drains.get(id)?.wake()
        }
      })
      .catch((error) => deps.onError(error, ""))
  }
}
