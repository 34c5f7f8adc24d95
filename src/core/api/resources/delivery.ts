import { z } from "zod"
import { Id, line, PageQuery, Time } from "./common.ts"

/** A delivery is `held` instead of `pending` while its endpoint is paused or disabled. */
const DeliveryState = z.enum(["pending", "held", "delivered", "exhausted", "canceled"])

export const Delivery = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    event_id: z.string(),
    event: z.string(),
    state: DeliveryState,
    attempts: z.int(),
    due_at: z.string().nullable().meta({ description: "When the next attempt is due; null if there is none." }),
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
    trigger: z.enum(["schedule", "manual", "replay", "test"]).meta({ description: "Why the attempt was made." }),
    started_at: z.string(),
    duration_ms: z.int(),
    timings: z.object({ dns_ms: Ms, connect_ms: Ms, tls_ms: Ms, first_byte_ms: Ms, total_ms: z.int() }).meta({
      description:
        "Phases in milliseconds; null for a phase that did not happen, as on a connection that was open already.",
    }),
    request_headers: z.record(z.string(), z.string()).meta({
      description: "Values of signatures and of the endpoint's own headers (as currently set) are masked with `***`.",
    }),
    remote_address: z.string().nullable(),
    outcome: z.string(),
    verdict: z.string(),
    status: z.int().nullable(),
    error: z.string().nullable(),
    response: z.string().nullable().meta({ description: "The beginning of the response body." }),
    next_attempt_at: z.string().nullable(),
  })
  .meta({ id: "Attempt", description: "One HTTP request of a delivery." })
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
