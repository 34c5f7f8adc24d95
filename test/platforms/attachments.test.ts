import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Message } from "../../src/core/event/message.ts"
import { normalize } from "../../src/platforms/index.ts"

const PAGE = "17841400000005512"
const PRODUCTS = ["facebook", "instagram"] as const

function made(platform: (typeof PRODUCTS)[number], attachments: readonly object[]): Message | undefined {
  const message = { mid: "m_1", attachments }
  const messaging = [{ sender: { id: "1254" }, recipient: { id: PAGE }, timestamp: 1767256140123, message }]
  const object = platform === "facebook" ? "page" : "instagram"
  return normalize(platform, { object, entry: [{ id: PAGE, messaging }] }).drafts[0]?.message
}

const url = (name: string) => `https://lookaside.fbsbx.com/${name}`
const image = (name: string) => ({ type: "image", payload: { url: url(name) } })
const link = (name: string) => ({ type: "fallback", title: name, url: url(name) })
const place = (lat: number) => ({ type: "location", title: "Here", payload: { coordinates: { lat, long: 2 } } })

describe.each(PRODUCTS)("on %s", (platform) => {
  it("a message of several attachments keeps each of them", () => {
    expect(made(platform, [image("a"), link("b"), place(1), image("c")])).toMatchObject({
      type: "image",
      media_url: url("a"),
      attachments: [{ url: url("a") }, { url: url("c") }],
      share: { kind: "link", url: url("b"), title: "b" },
      shares: [{ kind: "link", url: url("b"), title: "b" }],
      location: { latitude: 1, longitude: 2, name: "Here" },
    })
  })

  it.each(["share", "post", "ig_post", "reel", "ig_reel", "story_mention", "ig_story", "fallback"])(
    "all of several shares are told in their order, the first as the share: %s",
    (type) => {
      const message = made(
        platform,
        ["a", "b", "c"].map((name) => ({ type, payload: { url: url(name) } })),
      )
      expect(message?.shares?.map((share) => share.url)).toEqual([url("a"), url("b"), url("c")])
      expect(message?.share).toEqual(message?.shares?.[0])
    },
  )

  it("several locations, products and attachments of unknown types are all told", () => {
    const elements = [{ id: "1" }, { id: "2" }]
    const product = { type: "template", payload: { product: { elements } } }
    const unknown = ["x", "y"].map((type) => ({ type, title: type, payload: { url: url(type) } }))
    expect(made(platform, [place(1), place(3), product, ...unknown])).toMatchObject({
      type: "location",
      location: { latitude: 1 },
      locations: [{ latitude: 1 }, { latitude: 3 }],
      product: { id: "1" },
      products: elements,
      unsupported: { type: "x", url: url("x"), title: "x" },
      unsupported_attachments: [{ type: "x" }, { type: "y", url: url("y"), title: "y" }],
    })
  })

  it.each([
    ["no url", {}, undefined],
    ["no payload", { payload: null }, undefined],
    ["the old spelling URL", { URL: url("a") }, url("a")],
    ["the old spelling URL in the payload", { payload: { URL: url("a") } }, url("a")],
    ["its title in the payload and no url", { title: undefined, payload: { title: "A page" } }, undefined],
  ])("a fallback with %s keeps its title", (_, more, told) => {
    const message = made(platform, [{ type: "fallback", title: "A page", ...more }])
    expect(message).toMatchObject({ type: "share", share: { kind: "link", title: "A page" } })
    expect(message?.share?.url).toBe(told)
  })

  it("a fallback of which nothing is told is unsupported", () => {
    expect(made(platform, [{ type: "fallback", payload: null }])).toMatchObject({
      type: "unsupported",
      unsupported: { type: "fallback" },
    })
  })

  it.each([
    ["in the payload", { payload: { url: url("a"), title: "A thing" } }],
    ["beside it", { url: url("a"), title: "A thing", payload: null }],
    ["in capitals", { URL: url("a"), title: "A thing" }],
  ])("an attachment of an unknown type keeps its url and title %s", (_, more) => {
    expect(made(platform, [{ type: "hologram", ...more }])).toMatchObject({
      type: "unsupported",
      unsupported: { type: "hologram", url: url("a"), title: "A thing" },
    })
  })

  it.each([
    ["none", undefined],
    ["empty ones", {}],
    ["half of them", { lat: 1 }],
    ["words", { lat: "north", long: "east" }],
  ])("a location with %s for coordinates keeps its name, address and url", (_, coordinates) => {
    const payload = { coordinates, address: "1 Main St" }
    const message = made(platform, [{ type: "location", title: "Ann's", url: url("map"), payload }])
    expect(message).toMatchObject({ type: "location" })
    expect(message?.location).toEqual({ name: "Ann's", address: "1 Main St", url: url("map") })
  })

  it("a location of which nothing is told has none", () => {
    expect(made(platform, [{ type: "location" }])).toEqual({ type: "location", body: "", id: "m_1" })
  })

  it.each([
    ["without a sticker_id", {}, {}],
    ["with one in the sticker alone", {}, { sticker_id: 369 }],
    ["with one in the image alone", { sticker_id: 369 }, {}],
  ])("an image and a sticker of one url are one sticker, %s", (_, ofImage, ofSticker) => {
    const both = [
      { type: "image", payload: { url: url("s"), ...ofImage } },
      { type: "sticker", payload: { url: url("s"), ...ofSticker } },
    ]
    for (const attachments of [both, both.toReversed()]) {
      expect(made(platform, attachments)).toMatchObject({ type: "sticker", attachments: [{ type: "sticker" }] })
      expect(made(platform, attachments)?.attachments).toHaveLength(1)
    }
  })

  it("an image beside a sticker of another url stays", () => {
    const attachments = [image("a"), { type: "sticker", payload: { url: url("s"), sticker_id: 369 } }]
    expect(made(platform, attachments)?.attachments).toMatchObject([{ type: "image" }, { type: "sticker" }])
    expect(made(platform, [{ type: "image" }, { type: "sticker" }])?.attachments).toHaveLength(2)
  })

  it("a post that comes as share and ig_post is one share, and another share beside it stays", () => {
    const post = (type: string, name: string, id?: string) => ({
      type,
      payload: { url: url(name), ig_post_media_id: id },
    })
    const both = [post("share", "a"), post("ig_post", "a", "17900")]
    expect(made(platform, both)?.shares).toMatchObject([{ url: url("a"), id: "17900" }])
    expect(made(platform, [...both, post("share", "b")])?.shares).toMatchObject([{ id: "17900" }, { url: url("b") }])
    const signed = [post("share", "a?1", "17900"), post("ig_post", "a?2", "17900")]
    expect(made(platform, signed)?.shares).toHaveLength(1)
  })

  it.each(["STORY_MENTION", "story_mention", "STORY-MENTION"])("a referral of %s came from a story", (source) => {
    const messaging = [{ sender: { id: "1" }, recipient: { id: PAGE }, referral: { source, type: "OPEN_THREAD" } }]
    const object = platform === "facebook" ? "page" : "instagram"
    const [draft] = normalize(platform, { object, entry: [{ id: PAGE, messaging }] }).drafts
    expect(draft?.details.referral).toMatchObject({ source: "story", source_raw: source })
  })
})

const TYPES = [
  ...[
    "image",
    "sticker",
    "audio",
    "video",
    "file",
    "location",
    "fallback",
    "share",
    "post",
    "ig_post",
    "reel",
    "ig_reel",
  ],
  ...["story_mention", "ig_story", "template", "hologram", "constructor"],
]

it("no attachment of a message is lost, whatever the types and their order", () => {
  const anyType = fc.constantFrom(...TYPES)
  fc.assert(
    fc.property(fc.constantFrom(...PRODUCTS), fc.array(anyType, { maxLength: 6 }), (platform, types) => {
      const attachments = types.map((type, index) => {
        const coordinates = { lat: index, long: index }
        const product = { elements: [{ id: `mark${index}.` }] }
        return { type, payload: { url: `mark${index}.`, title: `mark${index}.`, coordinates, product } }
      })
      const told = JSON.stringify(made(platform, attachments))
      const lost = types.filter((_, index) => !told.includes(`mark${index}.`))
      expect(lost).toEqual([])
    }),
    { numRuns: 500 },
  )
})
