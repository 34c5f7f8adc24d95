import type { PositionCursors } from "../../core/api/position-cursor.ts"
import { AppError } from "../../core/api/problem.ts"
import type { EventFilter } from "../../core/api/resources/event.ts"
import type { EventsStore } from "../../core/api/stores/events.ts"
import { createEventFeed } from "./event-feed.ts"

export interface StreamLimits {
  /** Open streams per customer and gateway. */
  perCustomer: number
  /** How often an idle stream sends a heartbeat. The API key is checked as often, and before each page. */
  heartbeatMs: number
  /** Maximum age of a stream. Clients then reconnect, spread over all gateways, and continue at their position. */
  maxAgeMs: number
  /** How often the store is polled for new events, once for all streams. */
  pollMs: number
}

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  perCustomer: 10,
  heartbeatMs: 15_000,
  maxAgeMs: 3_600_000,
  pollMs: 250,
}

interface Deps {
  events: Pick<EventsStore, "follow" | "horizon" | "currentHorizon" | "arrived">
  cursors: PositionCursors
  limits: StreamLimits
  onError(error: unknown): void
}

interface StreamRequest {
  customerId: string
  filter: EventFilter
  /** The position to start after; null: start with events that arrive from now on. */
  after: number | null
  isStillAuthorized(): Promise<boolean>
  /** Aborted when the client disconnects. */
  signal: AbortSignal
}

/** The most events that a stream holds in memory: one page, which the store cuts shorter if the events are large. */
const PAGE = 100
/** How long clients wait before they reconnect. */
const RETRY_MS = 1_000

/** Events as server-sent events, as they arrive; the id of each is the position after it. */
export function createEventStreams({ events, cursors, limits, onError }: Deps) {
  const feed = createEventFeed({ ...events, intervalMs: limits.pollMs, onError })
  const running = new Set<() => void>()

  /** The stream ends at its maximum age, when the client disconnects, or when the gateway stops. */
  function begin({ customerId, signal }: StreamRequest) {
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
    signal.addEventListener("abort", end)
    if (signal.aborted) end()
    return stream
  }

  async function* run(stream: ReturnType<typeof begin>, request: StreamRequest, start: number): AsyncGenerator<string> {
    let after = start
    const idLine = (at: number) => `id: ${cursors.encode("following", request.customerId, String(at))}\n`
    yield `retry: ${RETRY_MS}\n${idLine(after)}\n`
    while (!stream.ended && (await request.isStillAuthorized())) {
      const page = await events.follow(request.customerId, request.filter, { after, limit: PAGE })
      after = page.next
      if (page.data.length > 0) yield page.data.map(({ at, body }) => `${idLine(at)}data: ${body}\n\n`).join("")
      if (page.full) continue
      const hasNew = await stream.changed(limits.heartbeatMs)
      if (!hasNew && !stream.ended) yield `: alive\n${idLine(after)}\n`
    }
  }

  async function* guarded(
    stream: ReturnType<typeof begin>,
    request: StreamRequest,
    start: number,
  ): AsyncGenerator<string> {
    try {
      yield* run(stream, request, start)
    } catch (error) {
      // Not rethrown: the response has started. The client reconnects and continues at its position.
      onError(error)
    } finally {
      stream.end()
    }
  }

  return {
    /** @throws AppError limit_reached, store_unavailable */
    async open(request: StreamRequest): Promise<AsyncIterable<string>> {
      if (feed.countOf(request.customerId) >= limits.perCustomer) {
        throw new AppError(
          "limit_reached",
          `A customer may have ${limits.perCustomer} open streams per gateway. Close one first.`,
        )
      }
      const stream = begin(request)
      try {
        return guarded(stream, request, request.after ?? (await events.currentHorizon()))
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
