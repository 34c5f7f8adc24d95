import type { Endpoint } from "../core/delivery/endpoint.ts"
import { createLane, type Lane, type LaneSize } from "../core/delivery/lane.ts"
import { answeredIn, hanging, NEW_PACE, type Pace, SLOW_MS } from "../core/delivery/pace.ts"

type Name = "fast" | "slow" | "replay" | "big"

const SIZES: Readonly<Record<Name, LaneSize>> = {
  fast: { shared: 512, guaranteed: 2, endpointPart: 1 },
  /** No guaranteed slots: otherwise a thousand hanging endpoints would hold thousands of sockets. */
  slow: { shared: 512, guaranteed: 0, endpointPart: 1 / 8 },
  /** Small, so that replays leave most of the capacity to new events. */
  replay: { shared: 64, guaranteed: 0, endpointPart: 1 / 4 },
  /** These slots bound memory: a request takes one for each `BYTES_PER_SLOT` of its content. */
  big: { shared: 512, guaranteed: 0, endpointPart: 1 / 8 },
}
const BYTES_PER_SLOT = 262_144

type Owner = Pick<Endpoint, "id" | "customerId">

/** The slots of one request in flight. */
export interface Ticket {
  endpoint: Owner
  isReplay: boolean
  isBig: boolean
  slots: number
  sentMs: number
}

/**
 * The request slots of this process (ADR 0012), in four lanes that do not wait for each other: fast endpoints;
 * endpoints that answer slowly or hang; replays; and big events, replayed or not. An endpoint moves between the fast
 * and the slow lane with its requests in flight.
 *
 * @param onAvailable called with an endpoint that was refused a slot and may try again
 */
export function createLanes(now: () => number, onAvailable: (endpointId: string) => void) {
  const lanes = {
    fast: createLane(SIZES.fast),
    slow: createLane(SIZES.slow),
    replay: createLane(SIZES.replay),
    big: createLane(SIZES.big),
  }
  /** The pace of endpoints that are slow or have had requests since their drain started. */
  const paces = new Map<string, Pace>()
  /** Requests that are not known to hang, in the order in which they were sent. */
  const unanswered = new Set<Ticket>()

  const laneOf = (endpointId: string): Lane => (paces.get(endpointId)?.slow ? lanes.slow : lanes.fast)

  function laneFor({ endpoint, isReplay, isBig }: Ticket): Lane {
    if (isBig) return lanes.big
    return isReplay ? lanes.replay : laneOf(endpoint.id)
  }

  function setPace({ id, customerId }: Owner, pace: Pace) {
    const before = laneOf(id)
    paces.set(id, pace)
    const after = laneOf(id)
    if (after === before) return
    after.adopt(id, customerId, before.remove(id, customerId))
    onAvailable(id)
    offerSlots(before)
  }

  function offerSlots(lane: Lane) {
    for (const endpointId of lane.dequeue()) onAvailable(endpointId)
  }

  return {
    /**
     * Takes the slots for one request.
     *
     * @param bigBytes content size of a big event; 0 for others
     * @returns undefined if there is no free slot; `onAvailable` is called when there is one
     */
    acquire({ id, customerId }: Owner, isReplay: boolean, bigBytes = 0): Ticket | undefined {
      const slots = Math.max(1, Math.ceil(bigBytes / BYTES_PER_SLOT))
      const ticket = { endpoint: { id, customerId }, isReplay, isBig: bigBytes > 0, slots, sentMs: now() }
      if (!laneFor(ticket).acquire(id, customerId, slots)) return undefined
      unanswered.add(ticket)
      return ticket
    },

    /** The request has ended: frees its slots, and moves the endpoint to another lane if its pace changed. */
    release(ticket: Ticket) {
      const { endpoint, slots, sentMs } = ticket
      const { id, customerId } = endpoint
      unanswered.delete(ticket)
      const lane = laneFor(ticket)
      lane.release(id, customerId, slots)
      setPace(endpoint, answeredIn(paces.get(id) ?? NEW_PACE, now() - sentMs))
      offerSlots(lane)
    },

    /** The endpoint needs no slot for now. */
    stopWaiting(endpointId: string) {
      for (const lane of Object.values(lanes)) lane.stopWaiting(endpointId)
    },

    /** Moves endpoints with a hanging request to the slow lane. Call several times a second. */
    detectHanging() {
      const longAgoMs = now() - SLOW_MS
      for (const ticket of unanswered) {
        if (ticket.sentMs > longAgoMs) break
        unanswered.delete(ticket)
        setPace(ticket.endpoint, hanging(paces.get(ticket.endpoint.id) ?? NEW_PACE))
      }
    },

    /** The endpoint has nothing in flight any more. Only slow endpoints are remembered. */
    forget(endpointId: string) {
      if (!paces.get(endpointId)?.slow) paces.delete(endpointId)
    },

    counts: () =>
      Object.entries(lanes).map(([name, lane]) => ({ lane: name, inFlight: lane.inFlight(), waiting: lane.waiting() })),
  }
}
