import { z } from "zod"
import { line, OverlapHours, Time } from "./common.ts"

/** No scope implies another: `write` does not include `read`. */
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
    prefix: z.string().meta({ description: "The beginning of the key: enough to recognize it, not enough to use it." }),
    scopes: z.array(Scope),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    last_used_at: z.string().nullable().meta({ description: "Accurate to a minute." }),
    revoked_at: z.string().nullable(),
  })
  .meta({ id: "ApiKey" })
export type ApiKey = z.infer<typeof ApiKey>

export const CreatedApiKey = ApiKey.extend({
  key: z.string().meta({ description: "The key itself. Shown only once; it cannot be read again." }),
}).meta({ id: "CreatedApiKey" })

export const NewApiKey = z
  .strictObject({
    name: line(200).default(""),
    mode: z
      .enum(["live", "test"])
      .default("live")
      .meta({ description: "Part of the key's text. Both modes behave the same." }),
    scopes: z
      .array(Scope)
      .min(1)
      .max(Scope.options.length)
      .default(["read", "write"])
      .meta({ description: "A customer's key can grant only scopes that it has itself." }),
    expires_at: Time.nullable().default(null),
  })
  .meta({ id: "NewApiKey" })
export type NewApiKey = z.output<typeof NewApiKey>

export const KeyRotation = z
  .strictObject({
    overlap_hours: OverlapHours.meta({ description: "How long the old key stays valid; 0 ends it at once." }),
  })
  .meta({ id: "KeyRotation" })
