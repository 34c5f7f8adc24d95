import type { Attachment } from "../../core/event/message.ts"
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
  location: content(payload.Location, ({ latitude, longitude, name, address, url }) => ({
    type: "location",
    body: "",
    location:
      latitude === undefined || longitude === undefined ? undefined : { latitude, longitude, name, address, url },
  })),
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
 * Reads `<type>` of a message; where it names none, that of the object it has.
 *
 * A type that is not known, or comes without its object, is `unsupported`; the message still goes out.
 */
export function contentOf(
  told: string | undefined,
  item: JsonObject,
  errors: payload.MetaError[] | undefined,
): Content {
  const type = told ?? TYPES.find((each) => isObject(item[each]))
  const problems = toErrors(errors)
  if (type === "contacts" && Array.isArray(item.contacts)) return fromContacts(item.contacts)
  const given = type === undefined ? undefined : item[type]
  const read = type !== undefined && Object.hasOwn(contents, type) ? contents[type as keyof typeof contents] : undefined
  if (read !== undefined && isObject(given)) {
    const content = read(given)
    return problems === undefined ? content : { ...content, unsupported: { errors: problems } }
  }
  // Meta names what it could not send: {type: "unsupported", unsupported: {type: "poll"}}.
  const named = isObject(item.unsupported) ? payload.Unsupported.parse(item.unsupported).type : undefined
  const unsupported = { type: named ?? (type === "unsupported" ? undefined : type), errors: problems }
  return { type: "unsupported", body: "", unsupported }
}

function content<T>(shape: { parse(given: JsonObject): T }, make: (given: T) => Content) {
  return (given: JsonObject) => make(shape.parse(given))
}

function fromMedia(type: Attachment["type"], media: payload.Media): Content {
  const { id, url, link, mime_type, sha256, filename, file_size: size, voice, animated } = media
  const attachment: Attachment = {
    type,
    id,
    url: url ?? link,
    // Meta's own url needs the number's token; a link is what the business itself had sent.
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

/** A card answered to a request for it can be trusted; a forwarded one cannot. `origin` tells them apart. */
function fromContacts(contacts: unknown[]): Content {
  const first = payload.SharedContact(contacts[0])
  return { type: "contacts", body: "", contacts, contacts_origin: first?.origin }
}

function fromOrder({ catalog_id, text, product_items = [] }: Parsed<typeof payload.Order>): Content {
  const items = product_items.map(({ product_retailer_id = "", quantity = 0, item_price: price, currency }) => ({
    retailer_id: product_retailer_id,
    quantity,
    price,
    currency,
  }))
  return { type: "order", body: text ?? "", order: { catalog_id, text, items } }
}
