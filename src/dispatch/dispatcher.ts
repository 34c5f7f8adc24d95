import { createDrain, type Drain } from "./drain.ts"
import type { DrainDeps } from "./drain-deps.ts"
import { createEndpointMemory } from "./endpoint-memory.ts"
import { isClosedForLong } from "./hold-keeper.ts"
import { createLanes } from "./lanes.ts"
import { createLeaseRenewal, type LeaseRenewalDeps } from "./lease-renewal.ts"
import type { IsErased } from "./prefetcher.ts"

/** How often hanging requests are detected. */
const DETECT_HANGING_EVERY_MS = 250

export interface DispatcherDeps
  extends Omit<DrainDeps, "gate" | "claimCursor" | "load" | "acquireSlot" | "releaseSlot" | "stopWaiting">,
    LeaseRenewalDeps {
  random(): number
}

/** Runs the drains of this process: one per endpoint, started by a wake; it ends by itself when nothing is left. */
export function createDispatcher(deps: DispatcherDeps) {
  const drains = new Map<string, Drain>()
  let stopping = false
  const memory = createEndpointMemory(deps.now, deps.random)
  const lanes = createLanes(deps.now, (endpointId) => drains.get(endpointId)?.pump())

  const drainDeps: DrainDeps = {
    ...deps,
    gate: memory.gate,
    claimCursor: memory.claimCursor,
    load: { held: 0 },
    acquireSlot: lanes.acquire,
    releaseSlot: lanes.release,
    stopWaiting: lanes.stopWaiting,
  }

  const hangDetection = setInterval(lanes.detectHanging, DETECT_HANGING_EVERY_MS)
  const renewLeases = createLeaseRenewal(drains, deps)
  const renewal = setInterval(() => {
    memory.forgetUnused()
    renewLeases()
  }, deps.renewEveryMs)

  function wakeOne(endpointId: string) {
    const endpoint = deps.endpoint(endpointId)
    if (stopping || !endpoint?.active) return
    let drain = drains.get(endpointId)
    if (!drain) {
      if (isClosedForLong(memory.gate(endpoint), deps.now())) return
      drain = createDrain(endpointId, drainDeps, () => {
        drains.delete(endpointId)
        lanes.forget(endpointId)
      })
      drains.set(endpointId, drain)
    }
    drain.wake()
  }

  return {
    wake(endpointIds: readonly string[]) {
      for (const endpointId of endpointIds) wakeOne(endpointId)
    },
    /** Events were removed or lost their content: what was prefetched of them is not sent. */
    erased(isErased: IsErased) {
      for (const drain of drains.values()) drain.erased(isErased)
    },
    /** All leases are, or may be, other dispatchers': drops what is prefetched. */
    leasesLost() {
      for (const drain of drains.values()) drain.leaseLost()
    },
    /** `isLive` is true again. */
    resume() {
      for (const drain of drains.values()) drain.wake()
    },
    openBreakers: memory.openBreakers,
    heldEndpoints: memory.held,
    /** Requests in flight and endpoints waiting for a slot, by lane. */
    lanes: lanes.counts,
    /** Resolves when every request in flight has ended and is recorded, and every lease is released. */
    async stop(): Promise<void> {
      stopping = true
      await Promise.all([...drains.values()].map((drain) => drain.stop()))
      clearInterval(renewal)
      clearInterval(hangDetection)
    },
  }
}
