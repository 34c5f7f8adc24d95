import { z } from "zod"
import { Platform } from "../event.ts"

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
  .meta({ id: "UnroutedPage", description: "A page that sent events and belongs to no active connection." })
export type UnroutedPage = z.infer<typeof UnroutedPage>

export const Fault = z
  .object({
    id: z.string(),
    app_id: z.string(),
    platform: Platform,
    path: z.string().meta({ description: "Where in the envelope." }),
    reason: z.string(),
    item: z.string().meta({ description: "The item as JSON text, as Meta sent it." }),
    received_at: z.string(),
  })
  .meta({ id: "Fault", description: "What was signed and acknowledged but could not become an event." })
export type Fault = z.infer<typeof Fault>
