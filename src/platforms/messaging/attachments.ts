import type { Attachment, Message } from "../../core/event/message.ts"
import type { Attachment as MetaAttachment } from "./payload.ts"

/** What one attachment adds to its message. */
export interface Part {
  type: Message["type"]
  attachment?: Attachment
  content?: Pick<Message, "location" | "product" | "share" | "unsupported">
}

type Share = NonNullable<Message["share"]>

const parts: Readonly<Record<string, (given: MetaAttachment) => Part>> = {
  image: (given) => media(given.payload?.sticker_id === undefined ? "image" : "sticker", given),
  sticker: (given) => media("sticker", given),
  audio: (given) => media("audio", given),
  video: (given) => media("video", given),
  file: (given) => media("document", given),
  location,
  fallback: (given) => (urlOf(given) === undefined ? unsupported(given) : share("link", given)),
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

/** Attachments of one message, in order. */
export function toParts(attachments: readonly MetaAttachment[]): Part[] {
  return withoutTransitionDuplicates(attachments).map((given) => {
    const part = given.type !== undefined && Object.hasOwn(parts, given.type) ? parts[given.type] : undefined
    return (part ?? unsupported)(given)
  })
}

/**
 * While Meta moves to a new type it sends the old one beside it: a sticker also as an image (until August 2026), an
 * Instagram post also as a share (until April 2026). They are one attachment; the new type stays.
 */
function withoutTransitionDuplicates(attachments: readonly MetaAttachment[]): readonly MetaAttachment[] {
  if (attachments.length < 2) return attachments
  const stickers = new Set(attachments.filter(({ type }) => type === "sticker").map((each) => each.payload?.sticker_id))
  const hasPost = attachments.some(({ type }) => type === "ig_post")
  return attachments.filter(({ type, payload }) => {
    if (type === "image" && payload?.sticker_id !== undefined) return !stickers.has(payload.sticker_id)
    return type !== "share" || !hasPost
  })
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
  return { type: "share", content: { share: { kind, url: urlOf(given), id, title: titleOf(given) } } }
}

function location(given: MetaAttachment): Part {
  const { lat: latitude, long: longitude } = given.payload?.coordinates ?? {}
  if (latitude === undefined || longitude === undefined) return { type: "location" }
  return { type: "location", content: { location: { latitude, longitude, name: titleOf(given), url: given.url } } }
}

function template(given: MetaAttachment): Part {
  const product = given.payload?.product?.elements?.[0]
  return product === undefined ? { type: "template" } : { type: "product", content: { product } }
}

function unsupported(given: MetaAttachment): Part {
  return { type: "unsupported", content: { unsupported: { type: given.type } } }
}

function urlOf({ payload, url }: MetaAttachment): string | undefined {
  return payload?.url ?? payload?.story_media_url ?? url
}

function titleOf({ payload, title }: MetaAttachment): string | undefined {
  return payload?.title ?? title
}
