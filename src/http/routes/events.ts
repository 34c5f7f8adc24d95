import type { PositionCursors, PositionList } from "../../core/api/position-cursor.ts"
import { pageOf } from "../../core/api/resources/common.ts"
import { EventQuery, StoredEvent } from "../../core/api/resources/event.ts"
import type { EventsStore } from "../../core/api/stores/events.ts"
import { requestBy } from "../routing/pages.ts"
import { found, JsonText, type Routes } from "../routing/route.ts"

interface Deps {
  events: EventsStore
  cursors: PositionCursors
}

export function eventRoutes(routes: Routes, { events, cursors }: Deps): void {
  routes.customer("read", {
    method: "GET",
    url: "/v1/events",
    operation: "listEvents",
    summary: "List events",
    description:
      "In order of arrival, newest first, each as payload `full`. With `order=asc`, oldest first and `next_cursor` is " +
      "never null: request it again later to get the events that have arrived since, each once.",
    query: EventQuery,
    response: pageOf(StoredEvent),
    async handle({ customerId, query }) {
      const { order, limit, cursor: _, ...filter } = query
      const request = (list: PositionList) => requestBy(query, (cursor) => cursors.decode(list, customerId, cursor))
      if (order === "asc") {
        const after = Number(request("following").after ?? 0)
        const { data, next } = await events.follow(customerId, filter, { after, limit })
        return page(
          data.map(({ body }) => body),
          cursors.encode("following", customerId, String(next)),
        )
      }
      const { data, next } = await events.list(customerId, filter, request("events"))
      return page(data, next === null ? null : cursors.encode("events", customerId, next))
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/events/:id",
    operation: "getEvent",
    summary: "Get an event",
    response: StoredEvent,
    async handle({ customerId, id }) {
      return new JsonText(found(await events.get(customerId, id)))
    },
  })
}

function page(events: string[], cursor: string | null): JsonText {
  return new JsonText(`{"data":[${events.join(",")}],"next_cursor":${JSON.stringify(cursor)}}`)
}
