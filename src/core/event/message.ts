import * as z from "zod"
import { Author } from "./person.ts"

const text = z.string().optional()
const flag = z.boolean().optional()

export const Attachment = z
  .strictObject({
    type: z.enum(["image", "audio", "video", "document", "sticker"]),
    id: text.describe("WhatsApp media id, Messenger sticker_id."),
    url: text,
    url_kind: z.enum(["meta_cdn", "meta_authenticated", "gateway_proxy"]).optional(),
    expires_at: z.int().optional().describe("Unix seconds, best known."),
    mime_type: text,
    sha256: text,
    filename: text,
    size: z.int().optional(),
    voice: flag,
    animated: flag,
  })
  .meta({ id: "Attachment" })
export type Attachment = z.infer<typeof Attachment>

/** A tap: on a button, a list row, a quick reply, or the answer to a form. */
export const Action = z
  .strictObject({
    kind: z
      .string()
      .describe(
        "quick_reply, button_reply, list_reply, template_button, flow_reply, address_reply, postback; more may follow.",
      ),
    payload: z.string().describe("The developer's id or payload; empty where the platform withholds it."),
    title: text,
    description: text,
    message_id: text,
    response: z.unknown().optional().describe("The parsed answer of a flow or form."),
    response_raw: text,
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
  raw: z.unknown().optional().describe("The item as Meta sent it, where it says more than these keys."),
})
export type OrderItem = z.infer<typeof OrderItem>

const Location = z.strictObject({
  latitude: z.number().optional().describe("Both are there, or neither where Meta told none that can be used."),
  longitude: z.number().optional(),
  name: text,
  address: text,
  url: text,
})

const Product = z.strictObject({ catalog_id: text, retailer_id: text, id: text, title: text })

const Share = z.strictObject({
  kind: z
    .enum(["post", "reel", "story", "story_mention", "link", "other"])
    .describe("story: one that is sent on; story_mention: the contact's own, which mentions you."),
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
    body: z.string().describe("Text or caption; empty when there is none, never null."),
    id: z.string().describe("mid or wamid, untouched. On an edit or a deletion: the id of the original."),
    attachments: z.array(Attachment).optional(),
    media_url: text.describe("The first attachment's url."),
    location: Location.optional().describe("The first of several."),
    locations: z.array(Location).optional().describe("All, where there are several."),
    contacts: z.array(z.unknown()).optional(),
    contacts_origin: text,
    action: Action.optional(),
    order: z.strictObject({ catalog_id: text, text, items: z.array(OrderItem) }).optional(),
    product: Product.optional().describe("The first of several."),
    products: z.array(Product).optional().describe("All, where there are several."),
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
    author: Author.optional(),
    edit: z.strictObject({ number: z.int().optional(), at: z.int().optional() }).optional(),
    deleted: z.strictObject({ by: z.enum(["contact", "business", "unknown"]) }).optional(),
    unsupported: UnsupportedAttachment.extend({ errors: z.array(MetaError).optional() }).optional(),
    unsupported_attachments: z.array(UnsupportedAttachment).optional().describe("All, where there are several."),
  })
  .meta({ id: "Message" })
export type Message = z.infer<typeof Message>
