import { setTimeout as delay } from "node:timers/promises"
import { type Api, path, type Query } from "./api.ts"
import { type Problem, RefusedError } from "./refused.ts"
import { type ServerSentEvent, serverSentEvents } from "./server-sent-events.ts"

interface FollowOptions {
  filter: Query
  /** The position to start after; without it, events that arrive from now on. */
  cursor: string | undefined
  interrupted: AbortSignal
  /** Called when the connection is lost, temporarily refused, or open again. */
  onState(connected: boolean, refused?: Problem): void
}

const RECONNECT_MS = 1_000
/** Statuses worth retrying: too many streams or requests, or the store is unavailable. */
const RETRYABLE = new Set([408, 409, 429, 502, 503, 504])

/** Follows the event stream and resumes it after every disconnect. Throws a RefusedError if access is denied. */
export async function* follow(api: Api, { filter, cursor, interrupted, onState }: FollowOptions) {
  let last = cursor
  let reported: string | undefined
  const report = (connected: boolean, refused?: Problem) => {
    // Compared by code: the detail may contain a countdown.
    const state = `${connected} ${refused?.status} ${refused?.code}`
    if (reported !== state) onState(connected, refused)
    reported = state
  }
  while (!interrupted.aborted) {
    try {
      const bytes = await api.stream(path("events", "stream"), filter, { lastEventId: last, interrupted })
      report(true)
      for await (const event of serverSentEvents(bytes)) {
        yield event satisfies ServerSentEvent
        last = event.id
      }
    } catch (error) {
      if (interrupted.aborted) return
      const refused = error instanceof RefusedError ? error.problem : undefined
      if (refused && !RETRYABLE.has(refused.status)) throw error
      report(false, refused)
    }
    await delay(RECONNECT_MS, undefined, { signal: interrupted }).catch(() => {})
  }
}
