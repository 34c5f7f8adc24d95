export interface LaneSize {
  /** Requests in flight that all endpoints of the lane share. */
  shared: number
  /** What each endpoint has beside that, however many there are. */
  guaranteed: number
  /** What part of the shared slots that are free one endpoint may have; one at least. */
  endpointPart: number
}

interface Customer {
  /** Shared slots that its endpoints have. */
  used: number
  /** Its endpoints that wait, longest first. */
  readonly line: Set<string>
}

/**
 * Who may have how many requests in flight. The limits breathe: a customer may take as many shared slots as the others
 * have left free, so alone it has at most half of them, and the fuller the lane, the less anyone may add. Whoever is
 * refused stands in line, and is found by `served` when it fits; that costs no more, the more customers wait.
 */
export function createLane({ shared, guaranteed, endpointPart }: LaneSize) {
  const inFlightOf = new Map<string, number>()
  const customers = new Map<string, Customer>()
  /** Who stands in line, and for which customer. */
  const line = new Map<string, string>()
  /** Customers with someone in line, by the shared slots they have: whoever has fewer than are free fits. */
  const queues = Array.from({ length: shared }, () => new Set<Customer>())
  /** No queue before this one has anyone. */
  let lowest = 0
  let inFlight = 0
  let used = 0

  const sharedOf = (endpointId: string) => Math.max(0, (inFlightOf.get(endpointId) ?? 0) - guaranteed)
  const hasPart = (endpointId: string) => sharedOf(endpointId) < (shared - used) * endpointPart

  const queueOf = ({ used, line }: Customer) => (line.size > 0 ? queues[used] : undefined)

  /** Changes a customer, and puts it where it then belongs. */
  function update(customerId: string, by: (customer: Customer) => void) {
    const customer = customers.get(customerId) ?? { used: 0, line: new Set() }
    const before = queueOf(customer)
    by(customer)
    if (customer.used === 0 && customer.line.size === 0) customers.delete(customerId)
    else customers.set(customerId, customer)
    const after = queueOf(customer)
    if (after === before) return
    before?.delete(customer)
    if (!after) return
    after.add(customer)
    lowest = Math.min(lowest, customer.used)
  }

  function change(endpointId: string, customerId: string, by: number) {
    const before = sharedOf(endpointId)
    const count = (inFlightOf.get(endpointId) ?? 0) + by
    if (count > 0) inFlightOf.set(endpointId, count)
    else inFlightOf.delete(endpointId)
    inFlight += by
    const more = sharedOf(endpointId) - before
    if (more === 0) return
    used += more
    update(customerId, (customer) => {
      customer.used += more
    })
  }

  function fits(endpointId: string, customerId: string): boolean {
    if ((inFlightOf.get(endpointId) ?? 0) < guaranteed) return true
    return (customers.get(customerId)?.used ?? 0) < shared - used && hasPart(endpointId)
  }

  function joinLine(endpointId: string, customerId: string) {
    line.set(endpointId, customerId)
    update(customerId, (customer) => customer.line.add(endpointId))
  }

  function leaveLine(endpointId: string) {
    const customerId = line.get(endpointId)
    if (customerId === undefined) return
    line.delete(endpointId)
    update(customerId, (customer) => customer.line.delete(endpointId))
  }

  return {
    /** Takes a slot, or a place in line. Where one fits, so does a request that counts for several. */
    take(endpointId: string, customerId: string, slots = 1): boolean {
      const taken = fits(endpointId, customerId)
      if (taken) {
        leaveLine(endpointId)
        change(endpointId, customerId, slots)
      } else joinLine(endpointId, customerId)
      return taken
    },

    free: (endpointId: string, customerId: string, slots = 1) => change(endpointId, customerId, -slots),

    leaveLine,

    /** Gives up all that an endpoint has in flight here, to be adopted by another lane. */
    remove(endpointId: string, customerId: string): number {
      const count = inFlightOf.get(endpointId) ?? 0
      leaveLine(endpointId)
      change(endpointId, customerId, -count)
      return count
    },

    /** Takes over what is in flight already, so a lane can for a while hold more than its size. */
    adopt: (endpointId: string, customerId: string, count: number) => change(endpointId, customerId, count),

    /**
     * Those in line who fit: of the customer with the fewest shared slots first, and there whoever has waited longest.
     * Each leaves the line and is to ask again before the next is looked for. One that is short of what it is guaranteed
     * asks by itself, after the answer that made it so.
     */
    *served(): Generator<string> {
      while (queues[lowest]?.size === 0) lowest += 1
      for (let count = lowest; count < shared - used; count++) {
        for (const customer of queues[count] ?? []) {
          for (const endpointId of customer.line) {
            if (count >= shared - used) return
            if (!hasPart(endpointId)) continue
            leaveLine(endpointId)
            yield endpointId
            if (customer.used !== count) break
          }
        }
      }
    },

    inFlight: () => inFlight,
    waiting: () => line.size,
  }
}

export type Lane = ReturnType<typeof createLane>
