import * as z from "zod"

const text = z.string().optional()

const IdType = z.enum(["psid", "igsid", "wa_id", "bsuid", "group_id", "user_ref"])

/** The ids of the contact. `id_type` says which kind of id `from` is. */
export const Identity = z
  .strictObject({
    id: z.string().describe("Equal to `from`, except on `message.author` and `previous_identity`."),
    id_type: IdType,
    wa_id: text.describe("The WhatsApp number as Meta sent it. Absent if Meta withholds the number."),
    phone_number: text.describe("`wa_id` in E.164 format, with a plus sign."),
    bsuid: text.describe("WhatsApp: the business-scoped user id."),
    parent_bsuid: text.describe("WhatsApp: the parent business-scoped user id."),
    username: text,
    psid: text.describe("Messenger: the page-scoped id."),
    igsid: text.describe("Instagram: the Instagram-scoped id."),
    aliases_known: z
      .int()
      .optional()
      .describe("WhatsApp: the number of ids that Onehook knows for the contact. There may be more."),
  })
  .meta({ id: "Identity" })
export type Identity = z.infer<typeof Identity>

/** The person who wrote in a group. */
export const Author = Identity.extend({ name: text }).meta({ id: "Author" })
export type Author = z.infer<typeof Author>

export const Profile = z.strictObject({ name: text, username: text, picture_url: text }).meta({ id: "Profile" })
export type Profile = z.infer<typeof Profile>

/** Your side of the conversation. */
export const Account = z
  .strictObject({
    page_id: z.string(),
    account_type: z.enum([
      "facebook_page",
      "instagram_account",
      "whatsapp_phone_number",
      "whatsapp_business_account", // for events about a whole WhatsApp Business Account: `page_id` is its id
    ]),
    account_id: text,
    waba_id: text,
    phone_number_id: text,
    display_phone_number: text,
  })
  .meta({ id: "Account" })
export type Account = z.infer<typeof Account>
