import { expect, it } from "vitest"
import type { Platform } from "../../src/core/event/event.ts"
import { normalize } from "../../src/platforms/index.ts"
import { whatsapp } from "../support/whatsapp.ts"

function sourceOf(platform: Platform, object: string, source: string) {
  const referral = { ref: "flyer", source, type: "OPEN_THREAD" }
  const entry = [{ id: "17841", time: 1, messaging: [{ sender: { id: "1254" }, timestamp: 1, referral }] }]
  return normalize(platform, { object, entry }).drafts[0]?.details.referral
}

it.each(["SHORTLINK", "SHORTLINKS", "SHORT-URL", "IGME-SOURCE-LINK", "shortlinks"])(
  "a link is a link where Meta calls it %s",
  (source) => {
    const link = { source: "link", source_raw: source, ref: "flyer" }
    expect(sourceOf("instagram", "instagram", source)).toMatchObject(link)
    expect(sourceOf("facebook", "page", source)).toMatchObject(link)
  },
)

it("what was put into an ad to tell it apart is told of WhatsApp, too", () => {
  const referral = { source_type: "ad", source_id: "1202", ref: "flyer", ctwa_clid: "Aff" }
  const message = { id: "wamid.1", from: "16505550134", type: "text", text: { body: "hi" }, referral }
  const [draft] = normalize("whatsapp", whatsapp("10962", { messages: [message] })).drafts
  expect(draft?.details.referral).toMatchObject({ source: "ad", ad_id: "1202", ref: "flyer", ctwa_clid: "Aff" })
})
