import { z } from "zod"
import { EVENT_NAMES, Platform } from "../../event/event.ts"
import { MessageType } from "../../event/message.ts"
import { OPERATIONAL_EVENT_TYPES } from "../../event/operational-event.ts"
import { line, OverlapHours, PageId } from "./common.ts"
import { EndpointHeaders } from "./endpoint-headers.ts"

export const MAX_LIVE_SECRETS = 5
/** 20 attempts in total, with the first one, which is made at once. */
const MAX_RETRIES = 19
const WEEK_S = 7 * 24 * 3600

const EndpointStatus = z.enum(["active", "paused", "disabled"])
/** The statuses that can be set directly; disabling needs a reason and has its own route. */
const Status = z
  .enum(["active", "paused"])
  .meta({ description: "While an endpoint is paused, its deliveries are held." })
const Direction = z.enum(["inbound", "outbound"])
const Payload = z.enum(["full", "compact"])
const Ordering = z.enum(["none", "conversation"])

export const Endpoint = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    status: EndpointStatus,
    disabled_reason: z.string().nullable(),
    failing_since: z.string().nullable().meta({ description: "The first failure after the last success." }),
    events: z.array(z.string()),
    platforms: z.array(Platform).nullable(),
    page_ids: z.array(z.string()).nullable(),
    message_types: z.array(z.string()).nullable(),
    statuses: z.array(z.string()).nullable(),
    direction: Direction.nullable(),
    payload: Payload,
    include_raw: z.boolean(),
    max_concurrency: z.int(),
    max_rate: z.int().nullable(),
    ordering: Ordering,
    retry_schedule: z
      .array(z.int())
      .nullable()
      .meta({ description: "null: the default, 14 attempts over 71.9 hours." }),
    headers: z
      .record(z.string(), z.literal("***"))
      .nullable()
      .meta({
        description:
          "Names only; values are never shown. Null if they cannot be decrypted (missing or damaged key): nothing is " +
          "sent until they are set again.",
      }),
    hub_signature: z.boolean(),
    secrets: z
      .array(z.object({ expires_at: z.string().nullable() }))
      .meta({ description: "The secrets that sign, newest first. Only the newest never expires." }),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: "Endpoint", description: "A customer's URL, with its filter and limits." })
export type Endpoint = z.infer<typeof Endpoint>

export const EndpointWithSecret = Endpoint.extend({
  secret: z.string().meta({ description: "`whsec_…`, to verify Onehook's signatures. Shown only once." }),
}).meta({ id: "EndpointWithSecret" })

function distinct<T extends z.ZodType>(item: T, max: number) {
  return z
    .array(item)
    .min(1)
    .max(max)
    .refine((list) => new Set(list).size === list.length, "must not repeat a value")
}

const fields = {
  url: z.string().min(1).max(2000),
  description: line(500),
  events: distinct(z.enum([...EVENT_NAMES, ...OPERATIONAL_EVENT_TYPES, "*"]), EVENT_NAMES.length + 10).meta({
    description:
      "`*` stands for all events of the platforms, that is all but `webhook.test` and the operational events.",
  }),
  platforms: distinct(Platform, 3).nullable().meta({ description: "null: all." }),
  page_ids: distinct(PageId, 1000).nullable().meta({ description: "null: all." }),
  message_types: distinct(MessageType, MessageType.options.length).nullable().meta({
    description:
      "Of the events that have a message, only these `message.type`; other events are not affected. null: all.",
  }),
  statuses: distinct(line(50).min(1), 20)
    .nullable()
    .meta({
      description:
        "Of `status.update`, only these `status.state` (sent, delivered, read, played, failed …); other events are not " +
        "affected. null: all.",
    }),
  direction: Direction.nullable().meta({
    description: "Of the events that have a `direction`, only this one; other events are not affected. null: both.",
  }),
  payload: Payload.meta({ description: "`compact` is the first eight keys of `full`." }),
  include_raw: z.boolean().meta({ description: "Adds Meta's original item as `raw`." }),
  max_concurrency: z.int().min(1).max(100).meta({ description: "Concurrent requests." }),
  max_rate: z.int().min(1).max(1000).nullable().meta({ description: "Requests per second; null: no limit." }),
  ordering: Ordering.meta({
    description: "`conversation`: the events of each conversation are sent in order, one after the other.",
  }),
  retry_schedule: z
    .array(z.int().min(1).max(WEEK_S))
    .min(1)
    .max(MAX_RETRIES)
    .refine((waits) => waits.reduce((sum, wait) => sum + wait, 0) <= WEEK_S, "must add up to at most 7 days (604800)")
    .nullable()
    .meta({ description: "Seconds before each retry. The first attempt is made at once. null: the default." }),
  headers: EndpointHeaders.meta({ description: "Sent with every request. Replaces all headers that were set before." }),
  hub_signature: z.boolean().meta({ description: "Adds `x-hub-signature-256`, for handlers written against Meta." }),
}

export const NewEndpoint = z
  .strictObject({
    url: fields.url,
    description: fields.description.default(""),
    events: fields.events.default(["message.received"]),
    platforms: fields.platforms.default(null),
    page_ids: fields.page_ids.default(null),
    message_types: fields.message_types.default(null),
    statuses: fields.statuses.default(null),
    direction: fields.direction.default(null),
    payload: fields.payload.default("full"),
    include_raw: fields.include_raw.default(false),
    max_concurrency: fields.max_concurrency.default(32),
    max_rate: fields.max_rate.default(null),
    ordering: fields.ordering.default("none"),
    retry_schedule: fields.retry_schedule.default(null),
    headers: fields.headers.default({}),
    hub_signature: fields.hub_signature.default(false),
    status: Status.default("active"),
  })
  .meta({ id: "NewEndpoint" })
export type NewEndpoint = z.output<typeof NewEndpoint>

export const EndpointPatch = z
  .strictObject({
    ...fields,
    status: Status,
  })
  .partial()
  .meta({ id: "EndpointPatch" })
export type EndpointPatch = z.output<typeof EndpointPatch>

export const Recovery = z
  .strictObject({
    recover: z.enum(["held", "none"]).default("held").meta({
      description: "What happens to held deliveries: `held` sends them, `none` cancels them.",
    }),
  })
  .meta({ id: "Recovery" })

export const SecretRotation = z
  .strictObject({
    overlap_hours: OverlapHours.meta({
      description: "How long the previous secrets keep signing, too; 0 revokes them at once.",
    }),
  })
  .meta({ id: "SecretRotation" })
