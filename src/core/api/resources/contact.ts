import { z } from "zod"
import { Platform } from "../../event/event.ts"
import { Identity } from "../../event/person.ts"
import { line, PageId, PageQuery } from "./common.ts"

const name = z.string().nullable()
const { id_type } = Identity.shape

export const Contact = z
  .object({
    id: z.string().meta({ description: "A UUID." }),
    app_id: z.string(),
    platform: Platform,
    page_id: z.string(),
    scoped_id: z
      .string()
      .meta({ description: "The contact's id on the page, from which `conversation_id` is derived." }),
    id_type,
    aliases: z
      .array(z.object({ id: z.string(), type: z.enum(["wa_id", "bsuid", "parent_bsuid"]) }))
      .meta({ description: "WhatsApp: all known ids of the contact, in the order in which they became known." }),
    asid: z.string().nullable().meta({ description: "Facebook: the person's id in the app." }),
    conversation_id: z.string(),
    name,
    username: name,
    picture_url: name,
    locale: name,
    active: z.boolean().meta({ description: "False once the platform reports that the id is no longer in use." }),
    first_seen_at: z.string(),
    last_seen_at: z.string().meta({ description: "Accurate to a day." }),
  })
  .meta({ id: "Contact", description: "A person, or a group, as one page knows it." })
export type Contact = z.infer<typeof Contact>

export const ContactQuery = PageQuery.extend({
  platform: Platform.optional(),
  page_id: PageId.optional(),
  id: line(512, 1).optional().meta({ description: "Any id of the contact: scoped id, alias or ASID." }),
})
export type ContactFilter = Omit<z.output<typeof ContactQuery>, "limit" | "cursor">
