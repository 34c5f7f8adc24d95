import { z } from "zod"
import { EVENT_NAMES, Platform } from "../../event/event.ts"

export const EndpointTest = z
  .strictObject({
    event: z.enum(EVENT_NAMES).default("message.received"),
    platform: Platform.optional().meta({ description: "One that has such events; without it the first of them." }),
  })
  .meta({ id: "EndpointTest" })
