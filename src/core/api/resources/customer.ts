import { z } from "zod"
import { line } from "./common.ts"

/** How many objects of each kind a customer may have. */
const limits = {
  endpoints: z.int().min(0).max(10_000),
  api_keys: z.int().min(0).max(10_000),
  connections: z.int().min(0).max(1_000_000),
  apps: z.int().min(0).max(1_000),
  replays: z.int().min(0).max(100).meta({ description: "Replays that run at the same time." }),
}

export const CustomerLimits = z
  .object(limits)
  .meta({ id: "CustomerLimits", description: "How many objects of each kind the customer may have." })
export type CustomerLimits = z.infer<typeof CustomerLimits>

export const DEFAULT_LIMITS: CustomerLimits = {
  endpoints: 200,
  api_keys: 100,
  connections: 10_000,
  apps: 20,
  replays: 10,
}

export const Customer = z
  .object({ id: z.string(), name: z.string(), limits: CustomerLimits, created_at: z.string() })
  .meta({ id: "Customer", description: "A tenant: owner of connections, endpoints, events and keys." })
export type Customer = z.infer<typeof Customer>

export const NewCustomer = z.strictObject({ name: line(200, 1) }).meta({ id: "NewCustomer" })

const orDefault = <T extends z.ZodType>(limit: T) => limit.nullable().optional()

export const CustomerPatch = z
  .strictObject({
    name: line(200, 1).optional(),
    limits: z
      .strictObject({
        endpoints: orDefault(limits.endpoints),
        api_keys: orDefault(limits.api_keys),
        connections: orDefault(limits.connections),
        apps: orDefault(limits.apps),
        replays: orDefault(limits.replays),
      })
      .optional()
      .meta({
        description: "Limits that are not given keep their value; null: the default. Objects above a limit stay.",
      }),
  })
  .meta({ id: "CustomerPatch" })
export type CustomerPatch = z.infer<typeof CustomerPatch>
