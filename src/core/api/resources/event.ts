import { z } from "zod"
import { EVENT_NAMES, Platform } from "../../event/event.ts"
import { Id, line, PageId, PageQuery, Time } from "./common.ts"

/** The stored event is returned unchanged; its full schema is `/schemas/event.v1.json`. */
export const StoredEvent = z
  .looseObject({
    platform: Platform,
    event: z.string(),
    timestamp: z.number(),
    from: z.string(),
    page_id: z.string(),
    conversation_id: z.string(),
    signature_verified: z.boolean(),
    id: z.string(),
  })
  .meta({ id: "Event", description: "Payload `full`; `/schemas/event.v1.json` describes every key." })

const filters = {
  platform: Platform.optional(),
  page_id: PageId.optional(),
  event: z.enum(EVENT_NAMES).optional(),
  conversation_id: Id.optional(),
  from: line(200).optional().meta({ description: "The contact's id on the page." }),
}

const times = {
  after: Time.optional().meta({ description: "Received at or after." }),
  before: Time.optional().meta({ description: "Received before." }),
}

export const EventQuery = PageQuery.extend({
  order: z.enum(["asc", "desc"]).default("desc").meta({
    description: "`asc`: oldest first. `next_cursor` is then never null; use it again later to get new events.",
  }),
  ...filters,
  ...times,
})
export type EventFilter = Omit<z.output<typeof EventQuery>, "limit" | "cursor" | "order">

export const EventStreamQuery = z.strictObject({
  cursor: PageQuery.shape.cursor.unwrap().optional().meta({
    description:
      "`next_cursor` of `GET /v1/events?order=asc`: where the stream begins. By default, it begins with new events.",
  }),
  ...filters,
})
