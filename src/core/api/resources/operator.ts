import { z } from "zod"
import { Platform } from "../../event/event.ts"

export const UnroutedPage = z
  .object({
    app_id: z.string(),
    platform: z.string(),
    page_id: z.string(),
    events: z.int(),
    test_events: z.int().meta({
      description: "Of these, samples from the test buttons of Meta's dashboard: no connection is missing for them.",
    }),
    first_seen_at: z.string(),
    last_seen_at: z.string(),
  })
  .meta({ id: "UnroutedPage", description: "A page that sends events and has no active connection." })
export type UnroutedPage = z.infer<typeof UnroutedPage>

export const Fault = z
  .object({
    id: z.string(),
    app_id: z.string(),
    platform: Platform,
    page_id: z.string().nullable().meta({ description: "The page that the item is of, as far as Meta says it." }),
    path: z.string().meta({ description: "The position of the item in Meta's webhook." }),
    reason: z.string(),
    item: z.string().meta({ description: "The item as JSON text, as Meta sent it." }),
    received_at: z.string(),
  })
  .meta({
    id: "Fault",
    description: "An item of a verified and acknowledged webhook that could not be turned into an event.",
  })
export type Fault = z.infer<typeof Fault>
