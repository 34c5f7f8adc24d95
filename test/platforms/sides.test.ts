import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Draft } from "../../src/core/event/draft.ts"
import type { Platform } from "../../src/core/event/event.ts"
import { normalize } from "../../src/platforms/index.ts"
import { anyBody } from "./support/arbitraries.ts"
import { contradictions } from "./support/contradictions.ts"
import { fixtures, normalizeFixture, PLATFORMS } from "./support/fixtures.ts"

const PAGE = "17841400000005512"
const OTHER_ID = "45202218377435"
const PERSON = "1254000000007731"
const PRODUCTS = [
  ["facebook", "page"],
  ["instagram", "instagram"],
] as const
type Product = (typeof PRODUCTS)[number][0]

const text = { mid: "m_1", text: "hi" }

interface Sent {
  entryId?: string
  item: object
  connected?: readonly string[]
}

function made(platform: Product, { entryId = PAGE, item, connected = [] }: Sent): Draft | undefined {
  const object = platform === "facebook" ? "page" : "instagram"
  const entry = [{ id: entryId, time: 1767256140639, messaging: [{ timestamp: 1767256140123, ...item }] }]
  const isConnected = (of: string, id: string) => of === platform && connected.includes(id)
  return normalize(platform, { object, entry }, { isConnected }).drafts[0]
}

it.each(PLATFORMS)("no event of %s says two things about who acted, whatever the body", (platform) => {
  fc.assert(
    fc.property(anyBody, ({ body }) => {
      expect(
        normalize(platform, body).drafts.filter(
          (draft) => draft.platform === platform && contradictions(draft).length > 0,
        ),
      ).toEqual([])
    }),
    { numRuns: 2000 },
  )
})

/** Every fixture with the contact's id replaced by the business's own. */
function wrongToItself(platform: Platform): string[] {
  const known = fixtures.filter((fixture) => fixture.platform === platform && fixture.text === undefined)
  return known.flatMap((fixture) => {
    const { drafts } = normalizeFixture(fixture)
    const ids = drafts.flatMap(({ from, pageId, details: { account } }): [string, string][] => {
      // A number is not a BSUID nor a group, so only numbers are replaced by the business's number.
      const isNumber = /^\d+$/.test(from)
      const own = platform === "whatsapp" ? account?.display_phone_number?.replace(/\D/g, "") : pageId
      return !isNumber || own === undefined ? [] : [[JSON.stringify(from), JSON.stringify(own)]]
    })
    const text = ids.reduce((body, [from, own]) => body.replaceAll(from, own), JSON.stringify(fixture.body))
    return normalize(platform, JSON.parse(text)).drafts.flatMap((draft) =>
      contradictions(draft).map((what) => `${fixture.name}: ${draft.event}: ${what}`),
    )
  })
}

it.each(PLATFORMS)("what the business does to itself on %s names nobody, whatever it is", (platform) => {
  expect(wrongToItself(platform)).toEqual([])
})

describe.each(PRODUCTS)("on %s", (platform) => {
  it.each([
    ["is marked as an echo", { is_echo: true }],
    ["is not marked", {}],
    ["is marked as none", { is_echo: false }],
  ])("what the page sent is an echo where it %s", (_, mark) => {
    const item = { sender: { id: PAGE }, recipient: { id: PERSON }, message: { ...text, ...mark } }
    expect(made(platform, { item })).toMatchObject({
      event: "message.echo",
      from: PERSON,
      pageId: PAGE,
      details: { direction: "outbound", identity: { id: PERSON }, origin: {} },
    })
  })

  it.each([
    ["its sender alone", { sender: { id: PAGE } }],
    ["both sides", { sender: { id: PAGE }, recipient: { id: PAGE } }],
    ["both sides of an echo", { sender: { id: PAGE }, recipient: { id: PAGE }, message: { ...text, is_echo: true } }],
  ])("a message with the page as %s is an echo to nobody", (_, item) => {
    const draft = made(platform, { item: { message: text, ...item } })
    expect(draft).toMatchObject({ event: "message.echo", from: "", contact: "", details: { direction: "outbound" } })
    expect(draft?.details.identity).toBeUndefined()
  })

  it("a message to a person, of nobody who is named, is the page's", () => {
    const item = { recipient: { id: PERSON }, message: text }
    expect(made(platform, { item, connected: [PAGE] })).toMatchObject({ event: "message.echo", from: PERSON })
  })

  it("an echo whose sides are the other way round is the person's all the same", () => {
    const item = { sender: { id: PERSON }, recipient: { id: PAGE }, message: { ...text, is_echo: true } }
    expect(made(platform, { item })).toMatchObject({ event: "message.echo", from: PERSON, pageId: PAGE })
  })

  it("who deleted is the page where it is the sender", () => {
    const item = { sender: { id: PAGE }, recipient: { id: PERSON }, message: { mid: "m_1", is_deleted: true } }
    expect(made(platform, { item })).toMatchObject({ from: PERSON, message: { deleted: { by: "business" } } })
  })

  it.each([
    [
      "the entry's where that is neither side",
      { entryId: OTHER_ID, connected: [OTHER_ID] },
      OTHER_ID,
      "message.received",
    ],
    ["the receiver where the entry's is not", { entryId: OTHER_ID, connected: [PAGE] }, PAGE, "message.received"],
  ])("the page is %s connected", (_, sent, pageId, event) => {
    const item = { sender: { id: PERSON }, recipient: { id: PAGE }, message: text }
    expect(made(platform, { item, ...sent })).toMatchObject({ event, pageId, from: PERSON })
  })

  it("the page is the sender where that alone is connected, and the message an echo", () => {
    const item = { sender: { id: PAGE }, recipient: { id: PERSON }, message: text }
    expect(made(platform, { item, entryId: OTHER_ID, connected: [PAGE] })).toMatchObject({
      event: "message.echo",
      pageId: PAGE,
      from: PERSON,
    })
  })

  it("a side that is connected, too, does not take an item from the page that the entry names", () => {
    const item = { sender: { id: PERSON }, recipient: { id: PAGE }, message: text }
    expect(made(platform, { item, connected: [PERSON, PAGE] })).toMatchObject({ pageId: PAGE, from: PERSON })
  })

  it("a call of the page with itself is with nobody", () => {
    const object = platform === "facebook" ? "page" : "instagram"
    const entry = [{ id: PAGE, calls: [{ id: "call_1", from: PAGE, to: PAGE }] }]
    expect(normalize(platform, { object, entry }).drafts).toMatchObject([
      { from: "", details: { direction: "outbound" } },
    ])
  })
})

const REAL = { sender: { id: PERSON }, recipient: { id: PAGE } }
const MARKS: [string, object][] = [
  ["a message", { message: text }],
  ["a postback", { postback: { title: "Talk", payload: "TALK" } }],
  ["a read receipt", { read: { mid: "m_1" } }],
]

it.each(MARKS)("%s of Instagram in entry 0 between two who are real is no sample", (_, what) => {
  const draft = made("instagram", { entryId: "0", item: { ...REAL, ...what } })
  expect(draft).toMatchObject({ pageId: PAGE, from: PERSON, details: { account: { page_id: PAGE } } })
  expect(draft?.event).not.toBe("webhook.test")
})

it("an echo of Instagram in entry 0 is of its sender", () => {
  const item = { sender: { id: PAGE }, recipient: { id: PERSON }, message: { ...text, is_echo: true } }
  expect(made("instagram", { entryId: "0", item })).toMatchObject({ event: "message.echo", pageId: PAGE, from: PERSON })
})

it.each([
  ["with the sides of the sample", { sender: { id: "12334" }, recipient: { id: "23245" }, message: text }],
  ["with one of them", { ...REAL, sender: { id: "12334" }, message: text }],
  ["with the text of the sample", { ...REAL, message: { mid: "m_1", text: "random_text" } }],
  ["with the mid of the sample", { ...REAL, message: { mid: "random_mid", text: "hi" } }],
  ["without a sender", { recipient: { id: PAGE }, message: text }],
])("an item of Instagram in entry 0 %s is one", (_, item) => {
  expect(made("instagram", { entryId: "0", item })?.event).toBe("webhook.test")
})

it("an item of a Page in entry 0 is a sample whatever its sides, since Meta's samples name real pages", () => {
  expect(made("facebook", { entryId: "0", item: { ...REAL, message: text } })?.event).toBe("webhook.test")
})
