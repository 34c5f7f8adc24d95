import { NOTHING, type Tally } from "../core/delivery/endpoint-health.ts"
import { isOperational } from "../core/delivery/operational-rows.ts"

/** What one attempt says about its endpoint. `succeeded` is null if our own code failed. */
interface Observed {
  endpointId: string
  eventId: string
  succeeded: boolean | null
  exhausted: boolean
}

/** Counts the results of attempts by endpoint until they are taken. */
export function createTallies() {
  let tallies = new Map<string, Tally>()
  return {
    observe({ endpointId, eventId, succeeded, exhausted }: Observed) {
      if (succeeded === null && !exhausted) return
      const { succeeded: before, failures, exhausted: count } = tallies.get(endpointId) ?? NOTHING
      // The most frequent case: one more success of an endpoint without failures since its last one.
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

    /** Adds counts that were taken but could not be stored to those counted since. */
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
