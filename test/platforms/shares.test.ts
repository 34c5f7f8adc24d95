import { expect, it } from "vitest"
import { normalize } from "../../src/platforms/index.ts"

function shareOf(attachment: object) {
  const item = {
    sender: { id: "1254" },
    recipient: { id: "17841" },
    message: { mid: "m_1", attachments: [attachment] },
  }
  const entry = [{ id: "17841", time: 1, messaging: [item] }]
  return normalize("instagram", { object: "instagram", entry }).drafts[0]?.message?.share
}

it("a story that a person sends on is no mention of the business in one", () => {
  const payload = { story_media_id: "17900", story_media_url: "https://lookaside.fbsbx.com/story" }
  expect(shareOf({ type: "ig_story", payload })).toMatchObject({
    kind: "story",
    id: "17900",
    url: payload.story_media_url,
  })
  const mention = { url: "https://lookaside.fbsbx.com/mention" }
  expect(shareOf({ type: "story_mention", payload: mention })).toMatchObject({
    kind: "story_mention",
    url: mention.url,
  })
})

it("a post that is sent on has its id under either type", () => {
  const payload = { ig_post_media_id: "18139", title: "A post", url: "https://lookaside.fbsbx.com/post" }
  const told = { kind: "post", id: "18139", title: "A post", url: payload.url }
  expect(shareOf({ type: "share", payload })).toMatchObject(told)
  expect(shareOf({ type: "ig_post", payload })).toMatchObject(told)
})
