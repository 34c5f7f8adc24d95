export interface LaneSize {
  /** Request slots shared by all endpoints of the lane. */
  shared: number
  /** Slots that each endpoint has of its own in addition, however many endpoints there are. */
  guaranteed: number
  /** The largest fraction of the free shared slots that one endpoint may hold; always at least one slot. */
  endpointPart: number
}

interface Customer {
  /** Shared slots that its endpoints hold. */
  used: number
  /** Its endpoints that wait for a slot, longest waiting first. */
  readonly waiting: Set<string>
}

/**
 * Shares out a fixed number of request slots between customers (dynamic threshold, ADR 0012). A customer may take a
 * shared slot while it holds fewer than are free: alone it gets half of them, and the fuller the lane, the less anyone
 * may add. An endpoint that is refused a slot waits until `dequeue` returns it. The cost of finding it does not grow
 * with the number of waiting customers.
 */
export function createLane({ shared, guaranteed, endpointPart }: LaneSize) {
  const inFlightOf = new Map<string, number>()
  const customers = new Map<string, Customer>()
  /** The endpoints that wait, each with its customer. */
  const waiting = new Map<string, string>()
  /** Customers with waiting endpoints, indexed by the shared slots they hold. */
  const waitingByUsage = Array.from({ length: shared }, () => new Set<Customer>())
  /** Every entry of `waitingByUsage` below this index is empty. */
  let lowestUsage = 0
  let inFlight = 0
  let used = 0

  const sharedOf = (endpointId: string) => Math.max(0, (inFlightOf.get(endpointId) ?? 0) - guaranteed)
  const isWithinPart = (endpointId: string) => sharedOf(endpointId) < (shared - used) * endpointPart

  const groupOf = ({ used, waiting }: Customer) => (waiting.size > 0 ? waitingByUsage[used] : undefined)

  /** Changes a customer and moves it to the group that its usage now belongs to. */
  function update(customerId: string, change: (customer: Customer) => void) {
    const customer = customers.get(customerId) ?? { used: 0, waiting: new Set() }
    const before = groupOf(customer)
    change(customer)
    if (customer.used === 0 && customer.waiting.size === 0) customers.delete(customerId)
    else customers.set(customerId, customer)
    const after = groupOf(customer)
    if (after === before) return
    before?.delete(customer)
    if (!after) return
    after.add(customer)
    lowestUsage = Math.min(lowestUsage, customer.used)
  }

  function addInFlight(endpointId: string, customerId: string, by: number) {
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
    return (customers.get(customerId)?.used ?? 0) < shared - used && isWithinPart(endpointId)
  }

  function startWaiting(endpointId: string, customerId: string) {
    waiting.set(endpointId, customerId)
    update(customerId, (customer) => customer.waiting.add(endpointId))
  }

  function stopWaiting(endpointId: string) {
    const customerId = waiting.get(endpointId)
    if (customerId === undefined) return
    waiting.delete(endpointId)
    update(customerId, (customer) => customer.waiting.delete(endpointId))
  }

  return {
    /**
     * Takes slots for one request, or puts the endpoint among those that wait. If one slot is available, a request that
     * counts for several is admitted too.
     *
     * @returns whether the request may go
     */
    acquire(endpointId: string, customerId: string, slots = 1): boolean {
      const isAdmitted = fits(endpointId, customerId)
      if (isAdmitted) {
        stopWaiting(endpointId)
        addInFlight(endpointId, customerId, slots)
      } else startWaiting(endpointId, customerId)
      return isAdmitted
    },

    release: (endpointId: string, customerId: string, slots = 1) => addInFlight(endpointId, customerId, -slots),

    stopWaiting,

    /**
     * Removes an endpoint from this lane, so that another lane can adopt it.
     *
     * @returns the slots it held
     */
    remove(endpointId: string, customerId: string): number {
      const count = inFlightOf.get(endpointId) ?? 0
      stopWaiting(endpointId)
      addInFlight(endpointId, customerId, -count)
      return count
    },

    /** Adds requests that are in flight already, so a lane can temporarily exceed its size. */
    adopt: (endpointId: string, customerId: string, slots: number) => addInFlight(endpointId, customerId, slots),

    /**
     * Yields the waiting endpoints that would now get a slot: those of the customer with the fewest shared slots first,
     * and of these the longest waiting. Each one stops waiting; the caller lets it call `acquire` before it takes the
     * next from the generator. An endpoint below its guaranteed slots need not be yielded: it asks again by itself when
     * the answer arrives that freed its slot.
     */
    *dequeue(): Generator<string> {
      while (waitingByUsage[lowestUsage]?.size === 0) lowestUsage += 1
      for (let usage = lowestUsage; usage < shared - used; usage++) {
        for (const customer of waitingByUsage[usage] ?? []) {
          for (const endpointId of customer.waiting) {
            if (usage >= shared - used) return
            if (!isWithinPart(endpointId)) continue
            stopWaiting(endpointId)
            yield endpointId
            if (customer.used !== usage) break
          }
        }
      }
    },

    inFlight: () => inFlight,
    waiting: () => waiting.size,
  }
}

export type Lane = ReturnType<typeof createLane>
