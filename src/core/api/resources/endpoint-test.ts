import { z } from "zod"
import { EVENT_NAMES, Platform } from "../../event/event.ts"

export const EndpointTest = z
  .strictObject({
    event: z.enum(EVENT_NAMES).default("message.received"),
    platform: Platform.optional().meta({ description: "A platform that has such events; by default the first one." }),
  })
  .meta({ id: "EndpointTest" })
