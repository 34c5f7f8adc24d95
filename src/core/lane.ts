export interface LaneSize {
  /** Requests in flight that all endpoints of the lane share. */
  shared: number
  /** What each endpoint has beside that, however many there are. */
  guaranteed: number
  /** What part of the shared slots that are free one endpoint may have; one at least. */
  endpointPart: number
}

interface Holder {
  customerId: string
  inFlight: number
}

/**
 * Who may have how many requests in flight. The limits breathe: a customer may take as many shared slots as the others
 * have left free, so alone it has at most half of them, and the fuller the lane, the less anyone may add. Whoever is
 * refused stands in line, and is found by `served` when it fits.
 */
export function createLane({ shared, guaranteed, endpointPart }: LaneSize) {
  const holders = new Map<string, Holder>()
  const byCustomer = new Map<string, number>()
  const line = new Map<string, string>()
  let inFlight = 0
  let used = 0

  const sharedOf = (holder: Holder) => Math.max(0, holder.inFlight - guaranteed)

  function change(endpointId: string, customerId: string, by: number) {
    const holder = holders.get(endpointId) ?? { customerId, inFlight: 0 }
    const before = sharedOf(holder)
    holder.inFlight += by
    inFlight += by
    if (holder.inFlight > 0) holders.set(endpointId, holder)
    else holders.delete(endpointId)
    const more = sharedOf(holder) - before
    used += more
    const ofCustomer = (byCustomer.get(customerId) ?? 0) + more
    if (ofCustomer > 0) byCustomer.set(customerId, ofCustomer)
    else byCustomer.delete(customerId)
  }

  function fits(endpointId: string, customerId: string): boolean {
    const holder = holders.get(endpointId) ?? { customerId, inFlight: 0 }
    if (holder.inFlight < guaranteed) return true
    const free = shared - used
    return (byCustomer.get(customerId) ?? 0) < free && sharedOf(holder) < Math.max(1, free * endpointPart)
  }

  return {
    /** Takes a slot, or a place in line. */
    take(endpointId: string, customerId: string): boolean {
      const taken = fits(endpointId, customerId)
      if (taken) {
        line.delete(endpointId)
        change(endpointId, customerId, 1)
      } else line.set(endpointId, customerId)
      return taken
    },

    free: (endpointId: string, customerId: string) => change(endpointId, customerId, -1),

    leaveLine: (endpointId: string) => void line.delete(endpointId),

    /** Gives up all that an endpoint has in flight here, to be adopted by another lane. */
    remove(endpointId: string, customerId: string): number {
      const count = holders.get(endpointId)?.inFlight ?? 0
      line.delete(endpointId)
      change(endpointId, customerId, -count)
      return count
    },

    /** Takes over what is in flight already, so a lane can for a while hold more than its size. */
    adopt: (endpointId: string, customerId: string, count: number) => change(endpointId, customerId, count),

    /** Those in line who fit, longest first; each leaves the line and is to ask again before the next is looked for. */
    *served(): Generator<string> {
      // Whoever asks again meanwhile stands behind those who are here now.
      let left = line.size
      for (const [endpointId, customerId] of line) {
        if (left === 0 || used >= shared) return
        left -= 1
        if (!fits(endpointId, customerId)) continue
        line.delete(endpointId)
        yield endpointId
      }
    },

    inFlight: () => inFlight,
    waiting: () => line.size,
  }
}

export type Lane = ReturnType<typeof createLane>
