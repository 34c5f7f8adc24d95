import type { Attachment } from "./payload.ts"

/**
 * While Meta moves to a new type, it sends the old type too: a sticker also as an image (until August 2026), an
 * Instagram post also as a share (until April 2026). They are one attachment; the new type is kept.
 */
const MOVED = [
  { from: "image", to: "sticker", id: "sticker_id" },
  { from: "share", to: "ig_post", id: "ig_post_media_id" },
] as const

export function withoutTransitionDuplicates(attachments: readonly Attachment[]): readonly Attachment[] {
  if (attachments.length < 2) return attachments
  return MOVED.reduce((left, { from, to, id }) => {
    const known = new Set(left.flatMap(({ type, payload }) => (type === to ? [payload?.[id], payload?.url] : [])))
    known.delete(undefined)
    const isKnown = (key: string | undefined) => key !== undefined && known.has(key)
    return left.filter(({ type, payload }) => type !== from || !(isKnown(payload?.[id]) || isKnown(payload?.url)))
  }, attachments)
}
