import { setTimeout as delay } from "node:timers/promises"
import { type Api, path, type Query } from "./api.ts"
import { type Problem, RefusedError } from "./refused.ts"
import { type ServerSentEvent, serverSentEvents } from "./server-sent-events.ts"

interface Following {
  filter: Query
  /** Where to begin; from now on without it. */
  cursor: string | undefined
  interrupted: AbortSignal
  /** Told when the gateway is lost, when it refuses for now, and when it is there again. */
  onState(connected: boolean, refused?: Problem): void
}

const COME_BACK_MS = 1_000
/** What may pass later: too many streams or requests, a store that is away. */
const PASSING = new Set([408, 409, 429, 502, 503, 504])

/** The stream of events, opened again after every loss where it was. Throws a RefusedError when it may not be read. */
export async function* follow(api: Api, { filter, cursor, interrupted, onState }: Following) {
  let last = cursor
  let told: string | undefined
  const tell = (connected: boolean, refused?: Problem) => {
    // By code: the detail may count seconds.
    const state = `${connected} ${refused?.status} ${refused?.code}`
    if (told !== state) onState(connected, refused)
    told = state
  }
  while (!interrupted.aborted) {
    try {
      const bytes = await api.stream(path("events", "stream"), filter, { lastEventId: last, interrupted })
      tell(true)
      for await (const event of serverSentEvents(bytes)) {
        yield event satisfies ServerSentEvent
        last = event.id
      }
    } catch (error) {
      if (interrupted.aborted) return
      const refused = error instanceof RefusedError ? error.problem : undefined
      if (refused && !PASSING.has(refused.status)) throw error
      tell(false, refused)
    }
    await delay(COME_BACK_MS, undefined, { signal: interrupted }).catch(() => {})
  }
}
