import { z } from "zod"
import { Id, line, PageQuery, Time } from "./common.ts"

/** `held` is what is pending for an endpoint that is paused or disabled. */
const DeliveryState = z.enum(["pending", "held", "delivered", "exhausted", "canceled"])

export const Delivery = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    event_id: z.string(),
    event: z.string(),
    state: DeliveryState,
    attempts: z.int(),
    due_at: z.string().nullable().meta({ description: "When the next attempt is due; null when there is none." }),
    created_at: z.string(),
    finished_at: z.string().nullable(),
    canceled_reason: z
      .string()
      .nullable()
      .meta({ description: "`not_recovered`, `endpoint_deleted`, `expired` or `contact_erased`." }),
  })
  .meta({ id: "Delivery", description: "One event for one endpoint." })
export type Delivery = z.infer<typeof Delivery>

const Ms = z.int().nullable()

export const Attempt = z
  .object({
    id: z.string(),
    number: z.int(),
    trigger: z.enum(["schedule", "manual", "replay", "test"]).meta({ description: "What it was made for." }),
    started_at: z.string(),
    duration_ms: z.int(),
    timings: z.object({ dns_ms: Ms, connect_ms: Ms, tls_ms: Ms, first_byte_ms: Ms, total_ms: z.int() }).meta({
      description: "Phases, in milliseconds; null for what did not happen, or had happened for an earlier request.",
    }),
    request_headers: z.record(z.string(), z.string()).meta({
      description: "Without secrets: the endpoint's own headers, as they are set now, and signatures are `***`.",
    }),
    remote_address: z.string().nullable(),
    outcome: z.string(),
    verdict: z.string(),
    status: z.int().nullable(),
    error: z.string().nullable(),
    response: z.string().nullable().meta({ description: "The beginning of the endpoint's answer." }),
    next_attempt_at: z.string().nullable(),
  })
  .meta({ id: "Attempt", description: "One HTTP try." })
export type Attempt = z.infer<typeof Attempt>

export const DeliveryWithAttempts = Delivery.extend({ attempt_log: z.array(Attempt) }).meta({
  id: "DeliveryWithAttempts",
})
export type DeliveryWithAttempts = z.infer<typeof DeliveryWithAttempts>

export const DeliveryQuery = PageQuery.extend({
  endpoint_id: Id.optional(),
  event_id: Id.optional(),
  state: DeliveryState.optional(),
  event: line(100).optional(),
  after: Time.optional().meta({ description: "Created at or after." }),
  before: Time.optional().meta({ description: "Created before." }),
})
export type DeliveryFilter = Omit<z.output<typeof DeliveryQuery>, "limit" | "cursor">
