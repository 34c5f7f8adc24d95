import type { Endpoint } from "../core/delivery/endpoint.ts"
import { createLane, type Lane, type LaneSize } from "../core/delivery/lane.ts"
import { answeredIn, hanging, NEW_PACE, type Pace, SLOW_MS } from "../core/delivery/pace.ts"

type Name = "fast" | "slow" | "replay" | "big"

const SIZES: Readonly<Record<Name, LaneSize>> = {
  fast: { shared: 512, guaranteed: 2, endpointPart: 1 },
  /** Nothing is guaranteed here, or a thousand hanging endpoints would take a thousand sockets and more. */
  slow: { shared: 512, guaranteed: 0, endpointPart: 1 / 8 },
  /** Whatever is replayed goes at this pace beside what is new. */
  replay: { shared: 64, guaranteed: 0, endpointPart: 1 / 4 },
  /** Memory, not requests: each has as many slots as its content has parts of `BIG_PART`. */
  big: { shared: 512, guaranteed: 0, endpointPart: 1 / 8 },
}
const BIG_PART = 262_144

type Place = Pick<Endpoint, "id" | "customerId">

/** A request in flight. */
export interface Ticket {
  endpoint: Place
  isReplay: boolean
  isBig: boolean
  slots: number
  sentMs: number
}

/**
 * The slots of this process. An endpoint that answers slowly, or hangs, has its requests in a lane of their own, so slow
 * ones wait only for slow ones; replays have another, and so has what is big, replayed or not.
 *
 * @param serve told that an endpoint which was refused a slot may ask again
 */
export function createLanes(now: () => number, serve: (endpointId: string) => void) {
  const lanes = {
    fast: createLane(SIZES.fast),
    slow: createLane(SIZES.slow),
    replay: createLane(SIZES.replay),
    big: createLane(SIZES.big),
  }
  /** Of endpoints that are not known to be fast, and of those that have something in flight. */
  const paces = new Map<string, Pace>()
  /** In the order in which they were sent. */
  const unanswered = new Set<Ticket>()

  const laneOf = (endpointId: string): Lane => (paces.get(endpointId)?.slow ? lanes.slow : lanes.fast)

  function laneFor({ endpoint, isReplay, isBig }: Ticket): Lane {
    if (isBig) return lanes.big
    return isReplay ? lanes.replay : laneOf(endpoint.id)
  }

  function setPace({ id, customerId }: Place, pace: Pace) {
    const before = laneOf(id)
    paces.set(id, pace)
    const after = laneOf(id)
    if (after === before) return
    after.adopt(id, customerId, before.remove(id, customerId))
    serve(id)
    serveLine(before)
  }

  function serveLine(lane: Lane) {
    for (const endpointId of lane.served()) serve(endpointId)
  }

  return {
    /**
     * undefined where the endpoint has to wait; it is served when its turn comes.
     *
     * @param bigBytes the content of a big one; 0 for others
     */
    take({ id, customerId }: Place, isReplay: boolean, bigBytes = 0): Ticket | undefined {
      const slots = Math.max(1, Math.ceil(bigBytes / BIG_PART))
      const ticket = { endpoint: { id, customerId }, isReplay, isBig: bigBytes > 0, slots, sentMs: now() }
      if (!laneFor(ticket).take(id, customerId, slots)) return undefined
      unanswered.add(ticket)
      return ticket
    },

    giveBack(ticket: Ticket) {
      const { endpoint, slots, sentMs } = ticket
      const { id, customerId } = endpoint
      unanswered.delete(ticket)
      const lane = laneFor(ticket)
      lane.free(id, customerId, slots)
      setPace(endpoint, answeredIn(paces.get(id) ?? NEW_PACE, now() - sentMs))
      serveLine(lane)
    },

    /** It wants nothing for now. */
    leaveLine(endpointId: string) {
      for (const lane of Object.values(lanes)) lane.leaveLine(endpointId)
    },

    /** To be called several times a second: finds what hangs. */
    watch() {
      const longAgoMs = now() - SLOW_MS
      for (const ticket of unanswered) {
        if (ticket.sentMs > longAgoMs) break
        unanswered.delete(ticket)
        setPace(ticket.endpoint, hanging(paces.get(ticket.endpoint.id) ?? NEW_PACE))
      }
    },

    /** Nothing of it is in flight; only slowness is remembered. */
    forget(endpointId: string) {
      if (!paces.get(endpointId)?.slow) paces.delete(endpointId)
    },

    counts: () =>
      Object.entries(lanes).map(([name, lane]) => ({ lane: name, inFlight: lane.inFlight(), waiting: lane.waiting() })),
  }
}
