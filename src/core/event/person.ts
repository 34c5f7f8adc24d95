import * as z from "zod"

const text = z.string().optional()

const IdType = z.enum(["psid", "igsid", "wa_id", "bsuid", "group_id", "user_ref"])

/** Who the contact is, with the label that tells what kind of id `from` is. */
export const Identity = z
  .strictObject({
    id: z.string().describe("Always equals `from`, except on `message.author`."),
    id_type: IdType,
    wa_id: text.describe("WhatsApp digits exactly as Meta sent them; absent when Meta withholds the phone."),
    phone_number: text.describe("The same in E.164, with plus."),
    bsuid: text,
    parent_bsuid: text,
    username: text,
    psid: text,
    igsid: text,
    aliases_known: z.int().optional(),
  })
  .meta({ id: "Identity" })
export type Identity = z.infer<typeof Identity>

/** Who spoke inside a group. */
export const Author = Identity.extend({ name: text }).meta({ id: "Author" })
export type Author = z.infer<typeof Author>

export const Profile = z.strictObject({ name: text, username: text, picture_url: text }).meta({ id: "Profile" })
export type Profile = z.infer<typeof Profile>

/** The business side. */
export const Account = z
  .strictObject({
    page_id: z.string(),
    account_type: z.enum([
      "facebook_page",
      "instagram_account",
      "whatsapp_phone_number",
      "whatsapp_business_account", // events about the account as a whole: `page_id` is the WABA id
    ]),
    account_id: text,
    waba_id: text,
    phone_number_id: text,
    display_phone_number: text,
  })
  .meta({ id: "Account" })
export type Account = z.infer<typeof Account>
