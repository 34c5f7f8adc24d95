import { encodeCursor } from "../../core/api/cursor.ts"
import { AppError } from "../../core/api/problem.ts"
import type { EventFilter } from "../../core/api/resources/event.ts"
import type { EventsStore } from "../../core/api/stores/events.ts"
import { CURSORS } from "../routing/pages.ts"
import { createEventFeed } from "./event-feed.ts"

export interface StreamLimits {
  /** How many streams a customer may have open at this gateway. */
  perCustomer: number
  /** How often a sign of life is sent where nothing else is. The key is looked at as often, and before each page. */
  heartbeatMs: number
  /** After this a stream ends, so that clients spread over the gateways anew. They go on where they were. */
  maxAgeMs: number
  /** How often new events are looked for, for all streams together. */
  lookEveryMs: number
}

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  perCustomer: 10,
  heartbeatMs: 15_000,
  maxAgeMs: 3_600_000,
  lookEveryMs: 250,
}

interface Deps {
  events: Pick<EventsStore, "follow" | "horizon" | "currentHorizon" | "arrived">
  limits: StreamLimits
  onError(error: unknown): void
}

interface Wanted {
  customerId: string
  filter: EventFilter
  /** The place to begin after; null: with what arrives from now on. */
  after: number | null
  /** May the caller still read? */
  stillHolds(): Promise<boolean>
  /** Aborted when nobody reads any more. */
  over: AbortSignal
}

/** What a stream holds in memory: the events of one page, not yet taken; fewer where they are big. */
const PAGE = 100
/** How long clients wait before they come back. */
const RETRY_MS = 1_000

/** Events as they arrive, as server-sent events; the id of each is where to go on after it. */
export function createEventStreams({ events, limits, onError }: Deps) {
  const feed = createEventFeed({ ...events, everyMs: limits.lookEveryMs, onError })
  const running = new Set<() => void>()

  /** Ends by itself, when the client has gone, and with the gateway. */
  function begin({ customerId, over }: Wanted) {
    const listener = feed.join(customerId)
    const stream = { changed: listener.changed, ended: false, end }
    const age = setTimeout(end, limits.maxAgeMs)
    function end() {
      stream.ended = true
      clearTimeout(age)
      listener.close()
      running.delete(end)
    }
    running.add(end)
    over.addEventListener("abort", end)
    if (over.aborted) end()
    return stream
  }

  async function* run(stream: ReturnType<typeof begin>, wanted: Wanted, start: number): AsyncGenerator<string> {
    let after = start
    yield `retry: ${RETRY_MS}\n${place(after)}\n`
    while (!stream.ended && (await wanted.stillHolds())) {
      const page = await events.follow(wanted.customerId, wanted.filter, { after, limit: PAGE })
      after = page.next
      if (page.data.length > 0) yield page.data.map(({ at, body }) => `${place(at)}data: ${body}\n\n`).join("")
      if (page.full) continue
      const news = await stream.changed(limits.heartbeatMs)
      if (!news && !stream.ended) yield `: alive\n${place(after)}\n`
    }
  }

  async function* guarded(stream: ReturnType<typeof begin>, wanted: Wanted, start: number): AsyncGenerator<string> {
    try {
      yield* run(stream, wanted, start)
    } catch (error) {
      // The client comes back and goes on where it was.
      onError(error)
    } finally {
      stream.end()
    }
  }

  return {
    /** @throws AppError limit_reached, store_unavailable */
    async open(wanted: Wanted): Promise<AsyncIterable<string>> {
      if (feed.countOf(wanted.customerId) >= limits.perCustomer) {
        throw new AppError("limit_reached", `A customer may have ${limits.perCustomer} streams open at one gateway.`)
      }
      const stream = begin(wanted)
      try {
        return guarded(stream, wanted, wanted.after ?? (await events.currentHorizon()))
      } catch (error) {
        stream.end()
        throw error
      }
    },
    /** Ends all streams. */
    end() {
      for (const end of running) end()
    },
  }
}

export type EventStreams = ReturnType<typeof createEventStreams>

function place(at: number): string {
  return `id: ${encodeCursor(CURSORS.following, String(at))}\n`
}
