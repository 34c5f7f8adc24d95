import type { Attachment, Message } from "../../core/event/message.ts"
import type { Attachment as MetaAttachment } from "./payload.ts"
import { withoutTransitionDuplicates } from "./transitions.ts"

/** The keys that one attachment adds to its message. */
interface Part {
  type: Message["type"]
  attachment?: Attachment
  share?: Share
  location?: Location
  products?: readonly Product[]
  unsupported?: Unsupported
}

type Share = NonNullable<Message["share"]>
type Location = NonNullable<Message["location"]>
type Product = NonNullable<Message["product"]>
type Unsupported = NonNullable<Message["unsupported_attachments"]>[number]

const parts: Readonly<Record<string, (given: MetaAttachment) => Part>> = {
  image: (given) => media(given.payload?.sticker_id === undefined ? "image" : "sticker", given),
  sticker: (given) => media("sticker", given),
  audio: (given) => media("audio", given),
  video: (given) => media("video", given),
  file: (given) => media("document", given),
  location,
  fallback: (given) => {
    const told = urlOf(given) ?? titleOf(given)
    return told === undefined ? unsupported(given) : share("link", given)
  },
  share: (given) => share("post", given, given.payload?.ig_post_media_id),
  post: (given) => share("post", given),
  ig_post: (given) => share("post", given, given.payload?.ig_post_media_id),
  reel: (given) => share("reel", given, given.payload?.reel_video_id),
  ig_reel: (given) => share("reel", given, given.payload?.reel_video_id),
  story_mention: (given) => share("story_mention", given),
  ig_story: (given) => share("story", given, given.payload?.story_media_id),
  template,
  appointment_booking: () => ({ type: "appointment" }),
}

type Content = Pick<
  Message,
  | "attachments"
  | "media_url"
  | "location"
  | "locations"
  | "product"
  | "products"
  | "share"
  | "shares"
  | "unsupported"
  | "unsupported_attachments"
>

/** The keys that the attachments add to their message, in order, and the type of the first. */
export function toContent(given: readonly MetaAttachment[]): { first: Message["type"] | undefined; content: Content } {
  const found = withoutTransitionDuplicates(given).map(toPart)
  const attachments = found.flatMap(({ attachment }) => attachment ?? [])
  const shares = found.flatMap((part) => part.share ?? [])
  const locations = found.flatMap((part) => part.location ?? [])
  const products = found.flatMap((part) => part.products ?? [])
  const unsupported = found.flatMap((part) => part.unsupported ?? [])
  const content = {
    attachments: attachments.length > 0 ? attachments : undefined,
    media_url: attachments[0]?.url,
    location: locations[0],
    locations: several(locations),
    product: products[0],
    products: several(products),
    share: shares[0],
    shares: shares.length > 0 ? shares : undefined,
    unsupported: unsupported[0],
    unsupported_attachments: several(unsupported),
  }
  return { first: found[0]?.type, content }
}

function toPart(given: MetaAttachment): Part {
  const make = given.type !== undefined && Object.hasOwn(parts, given.type) ? parts[given.type] : undefined
  return (make ?? unsupported)(given)
}

function several<T>(all: T[]): T[] | undefined {
  return all.length > 1 ? all : undefined
}

function media(type: Attachment["type"], given: MetaAttachment): Part {
  const url = urlOf(given)
  const attachment: Attachment = {
    type,
    id: given.payload?.sticker_id,
    url,
    url_kind: url === undefined ? undefined : "meta_cdn",
  }
  return { type, attachment }
}

function share(kind: Share["kind"], given: MetaAttachment, id?: string): Part {
  return { type: "share", share: { kind, url: urlOf(given), id, title: titleOf(given) } }
}

function location(given: MetaAttachment): Part {
  const { lat, long } = given.payload?.coordinates ?? {}
  const usable = lat !== undefined && long !== undefined
  const place = { name: titleOf(given), address: given.payload?.address, url: urlOf(given) }
  if (!usable && Object.values(place).every((told) => told === undefined)) return { type: "location" }
  return { type: "location", location: usable ? { latitude: lat, longitude: long, ...place } : place }
}

function template(given: MetaAttachment): Part {
  const products = given.payload?.product?.elements
  return products?.[0] === undefined ? { type: "template" } : { type: "product", products }
}

function unsupported(given: MetaAttachment): Part {
  return { type: "unsupported", unsupported: { type: given.type, url: urlOf(given), title: titleOf(given) } }
}

function urlOf({ payload, url, URL }: MetaAttachment): string | undefined {
  return payload?.url ?? payload?.URL ?? payload?.story_media_url ?? url ?? URL
}

function titleOf({ payload, title }: MetaAttachment): string | undefined {
  return payload?.title ?? title
}
