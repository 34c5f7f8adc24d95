import { NOTHING, type Tally } from "../core/delivery/endpoint-health.ts"
import { isOperational } from "../core/delivery/operational-rows.ts"

/** One attempt, as far as it tells of its endpoint. `succeeded` is null where our own code failed. */
interface Observed {
  endpointId: string
  eventId: string
  succeeded: boolean | null
  exhausted: boolean
}

/** Counts what becomes of attempts, by endpoint, until it is taken. */
export function createTallies() {
  let tallies = new Map<string, Tally>()
  return {
    observe({ endpointId, eventId, succeeded, exhausted }: Observed) {
      if (succeeded === null && !exhausted) return
      const { succeeded: before, failures, exhausted: count } = tallies.get(endpointId) ?? NOTHING
      // Most of what there is: one success more of an endpoint that has had one.
      if (succeeded && before && failures === 0) return
      tallies.set(endpointId, {
        succeeded: before || succeeded === true,
        failures: succeeded === false ? failures + 1 : succeeded ? 0 : failures,
        exhausted: exhausted && !isOperational(eventId) ? count + 1 : count,
      })
    },

    take(): ReadonlyMap<string, Tally> {
      const taken = tallies
      tallies = new Map()
      return taken
    },

    /** What was taken and could not be written counts with what came meanwhile. */
    putBack(taken: ReadonlyMap<string, Tally>) {
      for (const [id, earlier] of taken) {
        const later = tallies.get(id) ?? NOTHING
        tallies.set(id, {
          succeeded: earlier.succeeded || later.succeeded,
          failures: later.succeeded ? later.failures : earlier.failures + later.failures,
          exhausted: earlier.exhausted + later.exhausted,
        })
      }
    },
  }
}
