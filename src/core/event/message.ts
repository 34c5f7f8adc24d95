import * as z from "zod"
import { Author } from "./person.ts"

const text = z.string().optional()
const flag = z.boolean().optional()

export const Attachment = z
  .strictObject({
    type: z.enum(["image", "audio", "video", "document", "sticker"]),
    id: text.describe("WhatsApp: the media id. Messenger: the sticker_id."),
    url: text,
    url_kind: z
      .enum(["meta_cdn", "meta_authenticated", "gateway_proxy"])
      .optional()
      .describe("meta_cdn opens without authentication. meta_authenticated needs your access token. Both expire."),
    expires_at: z.int().optional().describe("When the url expires, in Unix seconds, as far as known."),
    mime_type: text,
    sha256: text,
    filename: text,
    size: z.int().optional().describe("Bytes."),
    voice: flag,
    animated: flag,
  })
  .meta({ id: "Attachment" })
export type Attachment = z.infer<typeof Attachment>

/** A tap on a button, a list row or a quick reply, or the answer to a form. */
export const Action = z
  .strictObject({
    kind: z
      .string()
      .describe(
        "quick_reply, button_reply, list_reply, template_button, flow_reply, address_reply, call_permission_reply, postback, or another type of Meta's.",
      ),
    payload: z.string().describe("The id or payload that you set for the button. Empty if the platform withholds it."),
    title: text,
    description: text,
    message_id: text,
    response: z
      .unknown()
      .optional()
      .describe("The answer to a flow or form, parsed. For other kinds of answers, the answer as sent."),
    response_raw: text.describe("The answer as sent, if it is a string."),
  })
  .meta({ id: "Action" })
export type Action = z.infer<typeof Action>

/** An error as Meta reports it, on a failed status or an unsupported message. */
export const MetaError = z
  .strictObject({
    code: z.int(),
    subcode: z.int().optional(),
    title: text,
    message: text,
    details: text,
  })
  .meta({ id: "MetaError" })
export type MetaError = z.infer<typeof MetaError>

const ProductReference = z.strictObject({ catalog_id: text, retailer_id: text })

const OrderItem = z.strictObject({
  retailer_id: z.string(),
  quantity: z.number(),
  price: z.number().optional(),
  currency: text,
  raw: z.unknown().optional().describe("The item as Meta sent it, if it has more than these keys."),
})
export type OrderItem = z.infer<typeof OrderItem>

const Location = z.strictObject({
  latitude: z
    .number()
    .optional()
    .describe("`latitude` and `longitude` are both present, or both absent if Meta sent no usable ones."),
  longitude: z.number().optional(),
  name: text,
  address: text,
  url: text,
})

const Product = z.strictObject({ catalog_id: text, retailer_id: text, id: text, title: text })

const Share = z.strictObject({
  kind: z
    .enum(["post", "reel", "story", "story_mention", "link", "other"])
    .describe("story: a story that the contact forwarded. story_mention: a story of the contact that mentions you."),
  url: text,
  id: text,
  title: text,
})

const UnsupportedAttachment = z.strictObject({ type: text, url: text, title: text })

export const MessageType = z.enum([
  "text",
  "image",
  "audio",
  "video",
  "document",
  "sticker",
  "location",
  "contacts",
  "interactive",
  "order",
  "product",
  "share",
  "template",
  "appointment",
  "unsupported",
])

export const Message = z
  .strictObject({
    type: MessageType,
    body: z.string().describe("The text or caption. Empty if there is none; never null."),
    id: z
      .string()
      .describe(
        "Meta's message id (mid, wamid). On an edit or a deletion, the id of the original. Empty if there is none.",
      ),
    attachments: z.array(Attachment).optional(),
    media_url: text.describe("The url of the first attachment."),
    location: Location.optional().describe("The first location of the message."),
    locations: z.array(Location).optional().describe("All of them, if there are several."),
    contacts: z.array(z.unknown()).optional(),
    contacts_origin: text.describe(
      "WhatsApp: the origin of the first card, as sent. contact_request: the contact shared it on request.",
    ),
    action: Action.optional(),
    order: z.strictObject({ catalog_id: text, text, items: z.array(OrderItem) }).optional(),
    product: Product.optional().describe("The first product of the message."),
    products: z.array(Product).optional().describe("All of them, if there are several."),
    share: Share.optional().describe("The first of `shares`."),
    shares: z.array(Share).optional(),
    reply_to: z
      .strictObject({
        message_id: text,
        from: text,
        is_self: flag,
        story: z.strictObject({ id: text, url: text }).optional(),
        product: ProductReference.optional(),
      })
      .optional(),
    forwarded: flag,
    frequently_forwarded: flag,
    group_id: text,
    author: Author.optional().describe("Who wrote in the group."),
    edit: z
      .strictObject({
        number: z.int().optional().describe("The number of the edit, from 1."),
        at: z.int().optional().describe("The time of the edit, in Unix seconds."),
      })
      .optional(),
    deleted: z.strictObject({ by: z.enum(["contact", "business", "unknown"]) }).optional(),
    unsupported: UnsupportedAttachment.extend({ errors: z.array(MetaError).optional() }).optional(),
    unsupported_attachments: z.array(UnsupportedAttachment).optional().describe("All of them, if there are several."),
  })
  .meta({ id: "Message" })
export type Message = z.infer<typeof Message>
