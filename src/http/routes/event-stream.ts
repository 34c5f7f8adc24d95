import type { PositionCursors } from "../../core/api/position-cursor.ts"
import { AppError } from "../../core/api/problem.ts"
import { EventStreamQuery } from "../../core/api/resources/event.ts"
import { requestBy } from "../routing/pages.ts"
import type { Routes } from "../routing/route.ts"
import type { EventStreams } from "../streams/event-streams.ts"

export function eventStreamRoute(routes: Routes, streams: EventStreams, cursors: PositionCursors): void {
  routes.stream("read", {
    url: "/v1/events/stream",
    operation: "streamEvents",
    summary: "Stream events as they arrive",
    description:
      "Server-sent events: `data` is the event as payload `full`, `id` is the position after it. A client that " +
      "reconnects with `Last-Event-ID`, as SSE clients do by default, misses no event. A comment is sent as a " +
      "heartbeat every 15 seconds.",
    query: EventStreamQuery,
    contentType: "text/event-stream",
    async handle({ query, customerId, header, isStillAuthorized, signal }) {
      const { cursor, ...filter } = query
      const after = startPosition(header("last-event-id"), cursor, (text) =>
        cursors.decode("following", customerId, text),
      )
      return streams.open({ customerId, filter, after, isStillAuthorized, signal })
    },
  })
}

/** The header takes precedence: a client that reconnects repeats the query of its first request. */
function startPosition(
  lastEventId: string | undefined,
  cursor: string | undefined,
  decode: (cursor: string) => string | null,
): number | null {
  const given = lastEventId || cursor
  if (given === undefined) return null
  try {
    return Number(requestBy({ limit: 1, cursor: given }, decode).after)
  } catch (error) {
    if (given === cursor || !(error instanceof AppError)) throw error
    throw new AppError("bad_request", "Last-Event-ID must be the id of an event of this stream.")
  }
}
