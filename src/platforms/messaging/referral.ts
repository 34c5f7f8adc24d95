import type { Referral } from "../../core/event/details.ts"
import type { Referral as MetaReferral } from "./payload.ts"

const SOURCES = new Map<string, Referral["source"]>([
  ["ADS", "ad"],
  ["SHORTLINK", "link"],
  // ig.me links: with a first message, and in an existing conversation.
  ["SHORTLINKS", "link"],
  ["IGME_SOURCE_LINK", "link"],
  ["SHORT_URL", "link"],
  ["CUSTOMER_CHAT_PLUGIN", "plugin"],
  ["CHECKBOX_PLUGIN", "plugin"],
  ["SHOP", "shop"],
  ["SHOPS", "shop"],
  ["MESSENGER_CODE", "link"],
  ["POST", "post"],
  ["STORY_MENTION", "story"],
])

/** What led the contact into the conversation: an ad, a link with `ref`, a product, the website plugin. */
export function toReferral(given: MetaReferral): Referral {
  const ad = given.ads_context_data
  const known = given.source === undefined ? undefined : SOURCES.get(given.source.toUpperCase().replace(/[- ]/g, "_"))
  return {
    source: known ?? (given.source === undefined && given.product !== undefined ? "shop" : "unknown"),
    source_raw: given.source,
    type: given.type,
    ref: given.ref,
    ad_id: given.ad_id,
    source_id: ad?.post_id,
    source_url: given.referer_uri,
    headline: ad?.ad_title,
    media_type: ad?.video_url !== undefined ? "video" : ad?.photo_url !== undefined ? "image" : undefined,
    media_url: ad?.video_url ?? ad?.photo_url,
    product_id: given.product?.id ?? ad?.product_id,
  }
}
