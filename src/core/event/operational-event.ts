import * as z from "zod"

const Time = z.iso.datetime()

function operational<Type extends string, Data extends z.core.$ZodLooseShape>(type: Type, data: Data) {
  const about = {
    endpoint_id: z.string().describe("The endpoint that it is about; never the one that it is sent to."),
    description: z.string().describe("What its customer wrote about that endpoint."),
  }
  return z
    .strictObject({
      type: z.literal(type),
      timestamp: Time.describe("When it happened."),
      data: z.strictObject({ ...about, ...data }),
    })
    .meta({ title: type })
}

const failing_since = Time.describe("The first failure after the last success.")
const failures = z.int().describe("Failed attempts since then.")

/**
 * Notifies a customer about its own endpoints, in the shape of Standard Webhooks. These are not platform events: they
 * concern no page and no person, and a subscription to `*` does not include them.
 */
export const OperationalEvent = z.discriminatedUnion("type", [
  operational("endpoint.failing", {
    failing_since,
    failures,
    warning: z.int().min(1).max(3).describe("After one, three and four and a half days."),
    disabled_after: Time.describe("A failure after this time disables the endpoint."),
  }),
  operational("endpoint.recovered", { failing_since, failures }),
  operational("endpoint.disabled", {
    reason: z.string(),
    failing_since: failing_since.nullable(),
    failures,
  }),
  operational("endpoint.secret_expiring", { expires_at: Time.describe("When that secret stops signing.") }),
  operational("delivery.exhausted", {
    deliveries: z.int().describe("How many deliveries were given up since the last event of this type."),
    since: Time.describe("When the first of them was."),
  }),
])
export type OperationalEvent = z.infer<typeof OperationalEvent>

export type OperationalEventType = OperationalEvent["type"]
export const OPERATIONAL_EVENT_TYPES: readonly OperationalEventType[] = OperationalEvent.options.map(
  (option) => option.shape.type.value,
)

/** The platform name of operational events in the store. */
export const OPERATIONAL = "onehook"
