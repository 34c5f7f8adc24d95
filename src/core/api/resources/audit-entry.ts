import { z } from "zod"
import { Id, line, PageQuery, Time } from "./common.ts"

export const AuditEntry = z
  .object({
    id: z.string(),
    at: z.string(),
    actor: z.enum(["operator", "customer"]).meta({ description: "Whose key was used." }),
    key_id: z.string().nullable().meta({ description: "Null for a key of the operator." }),
    key_name: z.string().nullable().meta({
      description: "The key's name at that time. Customers do not see the names of the operator's keys.",
    }),
    address: z.string().nullable().meta({
      description: "The client's address. Customers do not see the operator's.",
    }),
    operation: z.string().meta({ description: "The operation id of the route, such as `updateEndpoint`." }),
    object_id: z.string().nullable().meta({ description: "The object that the URL names." }),
    created_id: z.string().nullable().meta({ description: "The object that was created." }),
    fields: z.array(z.string()).meta({ description: "The names of the fields that were given, without their values." }),
    customer_id: z.string().nullable().meta({ description: "Whose objects were changed; null: the operator's." }),
    outcome: z.enum(["done", "unknown"]).meta({
      description: "`unknown`: the result could not be recorded. The change may have been made.",
    }),
  })
  .meta({ id: "AuditEntry", description: "A change that was made with a key." })
export type AuditEntry = z.infer<typeof AuditEntry>

export const AuditQuery = PageQuery.extend({
  operation: line(100, 1).optional().meta({ description: "Only this operation, such as `updateEndpoint`." }),
  object_id: Id.optional().meta({ description: "Only changes of this object, its creation included." }),
  key_id: Id.optional().meta({ description: "Only changes made with this API key." }),
  after: Time.optional().meta({ description: "At or after." }),
  before: Time.optional().meta({ description: "Before." }),
})
export type AuditFilter = Omit<z.output<typeof AuditQuery>, "limit" | "cursor">
