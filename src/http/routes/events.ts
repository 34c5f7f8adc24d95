import { encodeCursor } from "../../core/api/cursor.ts"
import { pageOf } from "../../core/api/resources/common.ts"
import { EventQuery, StoredEvent } from "../../core/api/resources/event.ts"
import type { EventsStore } from "../../core/api/stores/events.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, JsonText, type Routes } from "../routing/route.ts"

export function eventRoutes(routes: Routes, { events }: { events: EventsStore }): void {
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
      if (order === "asc") {
        const after = Number(pageRequest(CURSORS.following, query).after ?? 0)
        const { data, next } = await events.follow(customerId, filter, { after, limit })
        return page(
          data.map(({ body }) => body),
          encodeCursor(CURSORS.following, String(next)),
        )
      }
      const { data, next } = await events.list(customerId, filter, pageRequest(CURSORS.events, query))
      return page(data, pageResponse(CURSORS.events, { data, next }).next_cursor)
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
