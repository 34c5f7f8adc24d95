import { z } from "zod"
import { EVENT_NAMES } from "../../event/event.ts"
import { Id, PageId, PageQuery, Time } from "./common.ts"

const State = z.enum(["delivered", "exhausted", "canceled"])
/** Deliveries per second. */
const MAX_REPLAY_RATE = 500

const choice = {
  after: Time.meta({ description: "Received at or after." }),
  before: Time.optional().meta({ description: "Received before; by default until now." }),
  state: State.optional().meta({ description: "Only events with a delivery to the endpoint in this state." }),
  event: z.enum(EVENT_NAMES).optional(),
  page_id: PageId.optional(),
  conversation_id: Id.optional(),
}

export const NewReplay = z
  .strictObject({
    ...choice,
    rate: z
      .int()
      .min(1)
      .max(MAX_REPLAY_RATE)
      .optional()
      .meta({ description: "Maximum number of deliveries per second." }),
    dry_run: z.boolean().default(false).meta({ description: "Only count; no delivery is created." }),
  })
  .meta({ id: "NewReplay" })
export type NewReplay = z.output<typeof NewReplay>

const Total = z
  .int()
  .nullable()
  .meta({ description: "How many events are selected; null: more than 100,000, or too many to count in time." })

export const Replay = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    status: z.enum(["running", "done", "canceled", "failed"]),
    error: z.string().nullable().meta({ description: "Why it failed, or why the last attempt to continue failed." }),
    after: z.string(),
    before: z.string().nullable(),
    state: State.nullable(),
    event: z.string().nullable(),
    page_id: z.string().nullable(),
    conversation_id: z.string().nullable(),
    rate: z.int().nullable(),
    total: Total,
    made: z.int().meta({ description: "How many deliveries have been created so far." }),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: "Replay", description: "Stored events that are delivered to an endpoint again." })
export type Replay = z.infer<typeof Replay>

export const ReplayCount = z
  .object({ dry_run: z.literal(true), total: Total })
  .meta({ id: "ReplayCount", description: "How many events a replay would select." })

export const ReplayQuery = PageQuery.extend({ endpoint_id: Id.optional() })
