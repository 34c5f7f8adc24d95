import { z } from "zod"
import { isPlaceholder } from "../../placeholder.ts"
import { line } from "./common.ts"

/** The operator's app that the environment configures; it has no row. */
export const DEFAULT_APP_ID = "app_default"

const secret = z
  .string()
  .regex(/^[\x21-\x7e]{8,200}$/, "must be 8 to 200 visible ASCII characters")
  .refine((text) => !isPlaceholder(text), "is the placeholder of an example, which everybody knows")

export const App = z
  .object({
    id: z.string(),
    name: z.string(),
    meta_app_id: z.string().nullable(),
    secrets: z.int().meta({ description: "How many app secrets are live. They are never shown." }),
    callback_urls: z.object({ facebook: z.string(), instagram: z.string(), whatsapp: z.string() }),
    created_at: z.string(),
  })
  .meta({ id: "App", description: "A Meta app whose webhooks this gateway verifies." })
export type App = z.infer<typeof App>

export const CreatedApp = App.extend({
  verify_token: z.string().meta({ description: "To be entered in Meta's dashboard. Shown only once." }),
}).meta({ id: "CreatedApp" })

const fields = {
  name: line(200),
  meta_app_id: z
    .string()
    .regex(/^\d{1,32}$/, "must be digits")
    .nullable(),
  secrets: z
    .array(secret)
    .min(1)
    .max(5)
    .meta({ description: "App secrets, newest first. More than one only during a rotation." }),
  verify_token: secret,
}

export const NewApp = z
  .strictObject({
    name: fields.name.default(""),
    meta_app_id: fields.meta_app_id.default(null),
    secrets: fields.secrets,
    verify_token: fields.verify_token.optional().meta({ description: "Generated if omitted." }),
  })
  .meta({ id: "NewApp" })

export const AppPatch = z.strictObject(fields).partial().meta({ id: "AppPatch" })
export type AppPatch = z.output<typeof AppPatch>
