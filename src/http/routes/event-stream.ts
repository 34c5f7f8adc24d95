import { AppError } from "../../core/api/problem.ts"
import { EventStreamQuery } from "../../core/api/resources/event.ts"
import { CURSORS, pageRequest } from "../routing/pages.ts"
import type { Routes } from "../routing/route.ts"
import type { EventStreams } from "../streams/event-streams.ts"

export function eventStreamRoute(routes: Routes, streams: EventStreams): void {
  routes.stream("read", {
    url: "/v1/events/stream",
    operation: "streamEvents",
    summary: "Follow events as they arrive",
    description:
      "Server-sent events: `data` is the event as payload `full` sends it, `id` the place after it. A client that " +
      "comes back with `Last-Event-ID`, as they all do by themselves, misses none. A comment every 15 seconds says " +
      "that the stream is alive.",
    query: EventStreamQuery,
    answerType: "text/event-stream",
    async handle({ query, customerId, header, stillHolds, over }) {
      const { cursor, ...filter } = query
      return streams.open({ customerId, filter, after: placeOf(header("last-event-id"), cursor), stillHolds, over })
    },
  })
}

/** The header is the later of the two: a client that comes back has the query of its first request. */
function placeOf(lastEventId: string | undefined, cursor: string | undefined): number | null {
  const given = lastEventId || cursor
  if (given === undefined) return null
  try {
    return Number(pageRequest(CURSORS.following, { limit: 1, cursor: given }).after)
  } catch (error) {
    if (given === cursor || !(error instanceof AppError)) throw error
    throw new AppError("bad_request", "Last-Event-ID must be the id of an event of this stream.")
  }
}
