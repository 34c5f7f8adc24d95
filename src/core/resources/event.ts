import { z } from "zod"
import { EVENT_NAMES, Platform } from "../event.ts"
import { Id, line, PageId, PageQuery, Time } from "./common.ts"

/** The stored event is answered as it is; its own schema is `/schemas/event.v1.json`. */
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

export const EventQuery = PageQuery.extend({
  platform: Platform.optional(),
  page_id: PageId.optional(),
  event: z.enum(EVENT_NAMES).optional(),
  conversation_id: Id.optional(),
  from: line(200).optional().meta({ description: "The contact's id on the page." }),
  after: Time.optional().meta({ description: "Received at or after." }),
  before: Time.optional().meta({ description: "Received before." }),
})
export type EventFilter = Omit<z.output<typeof EventQuery>, "limit" | "cursor">
