import type { Attachment, OrderItem } from "../../core/event/message.ts"
import { isObject, type JsonObject, object, type Parsed } from "../read.ts"
import { type Content, toErrors } from "./content.ts"
import { fromInteractive } from "./interactive.ts"
import * as payload from "./payload.ts"

const contents = {
  text: content(payload.Text, ({ body = "" }) => ({ type: "text", body })),
  image: content(payload.Media, (media) => fromMedia("image", media)),
  video: content(payload.Media, (media) => fromMedia("video", media)),
  audio: content(payload.Media, (media) => fromMedia("audio", media)),
  voice: content(payload.Media, (media) => fromMedia("audio", { ...media, voice: true })),
  document: content(payload.Media, (media) => fromMedia("document", media)),
  sticker: content(payload.Media, (media) => fromMedia("sticker", media)),
  location: content(payload.Location, fromLocation),
  button: content(payload.Button, ({ text = "", payload = "" }) => ({
    type: "interactive",
    body: text,
    action: { kind: "template_button", payload, title: text },
  })),
  interactive: fromInteractive,
  order: content(payload.Order, fromOrder),
  template: content(object({}), () => ({ type: "template", body: "" })),
} satisfies Readonly<Record<string, (given: JsonObject) => Content>>

const TYPES = Object.keys(contents)

/**
 * Reads the content of a message under its type, or, if it names no type, under the object that it has.
 *
 * An unknown type, or one without its object, is `unsupported`; the message is still sent.
 */
export function contentOf(
  told: string | undefined,
  item: JsonObject,
  errors: payload.MetaError[] | undefined,
): Content {
  const type = told ?? TYPES.find((each) => isObject(item[each]))
  const problems = toErrors(errors)
  const given = type === undefined ? undefined : item[type]
  if (type === "contacts" && (Array.isArray(given) || isObject(given))) return fromContacts([given].flat())
  const read = type !== undefined && Object.hasOwn(contents, type) ? contents[type as keyof typeof contents] : undefined
  if (read !== undefined && isObject(given)) {
    const content = read(given)
    return problems === undefined ? content : { ...content, unsupported: { errors: problems } }
  }
  if (type === "text" && typeof given === "string") return { type: "text", body: given }
  // Meta names the type that it could not send: {type: "unsupported", unsupported: {type: "poll"}}.
  const named = isObject(item.unsupported) ? payload.Unsupported.parse(item.unsupported).type : undefined
  const unsupported = { type: named ?? (type === "unsupported" ? undefined : type), errors: problems }
  return isObject(given) ? fromUnknown(given, unsupported) : { type: "unsupported", body: "", unsupported }
}

/** A text, media or a link of an unknown type is read as that of a known one. */
function fromUnknown(given: JsonObject, unsupported: NonNullable<Content["unsupported"]>): Content {
  const { body, text, caption, title, name, link, url } = payload.Unknown.parse(given)
  const media = payload.Media.parse(given)
  const kind = media.mime_type?.split("/", 1)[0]
  const type = KINDS.find((each) => each === kind) ?? "document"
  const content = media.mime_type === undefined ? { body: caption ?? "" } : fromMedia(type, media)
  return {
    ...content,
    type: "unsupported",
    body: body ?? text ?? content.body,
    unsupported: { ...unsupported, url: url ?? link, title: title ?? name },
  }
}

const KINDS = ["image", "video", "audio"] as const

function content<T>(shape: { parse(given: JsonObject): T }, make: (given: T) => Content) {
  return (given: JsonObject) => make(shape.parse(given))
}

function fromMedia(type: Attachment["type"], media: payload.Media): Content {
  const { id, url, link, mime_type, sha256, filename, file_size: size, voice, animated } = media
  const attachment: Attachment = {
    type,
    id,
    url: url ?? link,
    // Meta's own url needs the number's token; a link was sent by the business itself.
    url_kind: url === undefined ? undefined : "meta_authenticated",
    mime_type,
    sha256,
    filename,
    size,
    voice,
    animated,
  }
  return { type, body: media.caption ?? "", attachments: [attachment], media_url: attachment.url }
}

/** A contact card sent on request can be trusted, a forwarded one cannot. `origin` tells them apart. */
function fromContacts(contacts: unknown[]): Content {
  const first = payload.SharedContact(contacts[0])
  return { type: "contacts", body: "", contacts, contacts_origin: first?.origin }
}

/** Without usable coordinates, the location has at most a name, an address or a link. */
function fromLocation({ latitude, longitude, name, address, url }: Parsed<typeof payload.Location>): Content {
  const isUsable = latitude !== undefined && longitude !== undefined
  const named = [name, address, url].some((each) => each !== undefined)
  const location = { ...(isUsable ? { latitude, longitude } : {}), name, address, url }
  return { type: "location", body: "", location: isUsable || named ? location : undefined }
}

function fromOrder({ catalog_id, text, product_items }: Parsed<typeof payload.Order>): Content {
  const items = Array.isArray(product_items) ? product_items : isObject(product_items) ? [product_items] : []
  return { type: "order", body: text ?? "", order: { catalog_id, text, items: items.map(toOrderItem) } }
}

/** The item as sent, if it has more keys than these. */
function toOrderItem(sent: unknown): OrderItem {
  const read = isObject(sent) ? payload.OrderItem.parse(sent) : {}
  const { product_retailer_id: retailer_id = "", quantity = 0, item_price: price, currency } = read
  const isWhole = isObject(sent) && Object.keys(sent).every((key) => (read as JsonObject)[key] !== undefined)
  return { retailer_id, quantity, price, currency, raw: isWhole ? undefined : sent }
}
