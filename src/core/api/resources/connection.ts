import { z } from "zod"
import { Platform } from "../../event/event.ts"
import { DEFAULT_APP_ID } from "./app.ts"
import { Id, line, PageId, PageQuery } from "./common.ts"

const ConnectionStatus = z.enum(["pending", "active"])

export const Connection = z
  .object({
    id: z.string(),
    customer_id: z.string(),
    app_id: z.string(),
    platform: Platform,
    page_id: z.string(),
    waba_id: z.string().nullable(),
    name: z.string(),
    status: ConnectionStatus.meta({ description: "A pending connection routes no events, and ends after seven days." }),
    has_access_token: z.boolean(),
    created_at: z.string(),
  })
  .meta({
    id: "Connection",
    description: "A page that a customer has connected. One active connection per app, platform and page.",
  })
export type Connection = z.infer<typeof Connection>

const fields = {
  waba_id: PageId.nullable().meta({
    description:
      "WhatsApp Business Account, to route events without a phone number. On the operator's app, only the operator " +
      "may set it.",
  }),
  name: line(200),
  access_token: z
    .string()
    .regex(/^[\x21-\x7e]{1,2000}$/, "must be 1 to 2000 visible ASCII characters")
    .nullable()
    .meta({ description: "Page access token. Encrypted at rest and never shown." }),
}

export const NewConnection = z
  .strictObject({
    platform: Platform,
    page_id: PageId,
    app_id: Id.default(DEFAULT_APP_ID).meta({
      description: "On a customer's own app, the connection is active at once.",
    }),
    waba_id: fields.waba_id.default(null),
    name: fields.name.default(""),
    access_token: fields.access_token.default(null),
  })
  .meta({ id: "NewConnection" })
export type NewConnection = z.output<typeof NewConnection>

export const ConnectionPatch = z.strictObject(fields).partial().meta({ id: "ConnectionPatch" })
export type ConnectionPatch = z.output<typeof ConnectionPatch>

export const ConnectionQuery = PageQuery.extend({
  platform: Platform.optional(),
  page_id: PageId.optional(),
  status: ConnectionStatus.optional(),
})
export type ConnectionFilter = Pick<z.output<typeof ConnectionQuery>, "platform" | "page_id" | "status">
