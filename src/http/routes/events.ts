import { pageOf } from "../../core/resources/common.ts"
import { EventQuery, StoredEvent } from "../../core/resources/event.ts"
import { CURSORS, pageAnswer, pageRequest } from "../pages.ts"
import { found, JsonText, type Routes } from "../route.ts"
import type { EventsStore } from "../stores.ts"

export function eventRoutes(routes: Routes, { events }: { events: EventsStore }): void {
  routes.customer("read", {
    method: "GET",
    url: "/v1/events",
    operation: "listEvents",
    summary: "List events",
    description: "In order of arrival, the newest first. Each is the event as payload `full` sends it.",
    query: EventQuery,
    answer: pageOf(StoredEvent),
    async handle({ customerId, query }) {
      const { data, next } = await events.list(customerId, query, pageRequest(CURSORS.events, query))
      const { next_cursor: cursor } = pageAnswer(CURSORS.events, { data, next })
      return new JsonText(`{"data":[${data.join(",")}],"next_cursor":${JSON.stringify(cursor)}}`)
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/events/:id",
    operation: "getEvent",
    summary: "Get an event",
    answer: StoredEvent,
    async handle({ customerId, id }) {
      return new JsonText(found(await events.get(customerId, id)))
    },
  })
}
