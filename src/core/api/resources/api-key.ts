import { z } from "zod"
import { line, OverlapHours, Time } from "./common.ts"

/** Each scope stands alone: `write` does not imply `read`. */
export const Scope = z.enum(["read", "write", "send", "admin"]).meta({
  id: "Scope",
  description:
    "`read`: every GET. `write`: change apps, connections and endpoints. `send`: send messages. " +
    "`admin`: list, create, rotate and revoke keys. None implies another.",
})
export type Scope = z.infer<typeof Scope>

export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().meta({ description: "How the key begins; enough to recognize it, useless to call with." }),
    scopes: z.array(Scope),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    last_used_at: z.string().nullable().meta({ description: "To the minute." }),
    revoked_at: z.string().nullable(),
  })
  .meta({ id: "ApiKey" })
export type ApiKey = z.infer<typeof ApiKey>

export const CreatedApiKey = ApiKey.extend({
  key: z.string().meta({ description: "The key itself. It is shown this once and cannot be read again." }),
}).meta({ id: "CreatedApiKey" })

export const NewApiKey = z
  .strictObject({
    name: line(200).default(""),
    mode: z.enum(["live", "test"]).default("live").meta({ description: "A mark in the key's text; both do the same." }),
    scopes: z
      .array(Scope)
      .min(1)
      .max(Scope.options.length)
      .default(["read", "write"])
      .meta({ description: "A customer's key can only give what it has itself." }),
    expires_at: Time.nullable().default(null),
  })
  .meta({ id: "NewApiKey" })
export type NewApiKey = z.output<typeof NewApiKey>

export const KeyRotation = z
  .strictObject({
    overlap_hours: OverlapHours.meta({ description: "How long the old key goes on; 0 ends it at once." }),
  })
  .meta({ id: "KeyRotation" })
