import { describe, expect, it } from "vitest"
import { normalize } from "../../src/platforms/index.ts"
import { fullEvents, PLATFORMS } from "./support/fixtures.ts"

const PAGE = "17841400000005512"
const OBJECTS = { facebook: "page", instagram: "instagram", whatsapp: "whatsapp_business_account" }

function made(platform: keyof typeof OBJECTS, change: unknown, id = PAGE) {
  return normalize(platform, { object: OBJECTS[platform], entry: [{ id, time: 1767258000, changes: [change] }] })
}
const instagram = (field: string, value: object) => made("instagram", { field, value }).drafts[0]

const COMMENTS = [
  ["comments", "comment"],
  ["live_comments", "live_comment"],
] as const

describe.each(COMMENTS)("%s of Instagram", (field, kind) => {
  it.each([
    ["id", { id: "C1" }],
    ["comment_id, as under Facebook Login", { comment_id: "C1" }],
    ["comment_id beside an id that is none", { id: null, comment_id: "C1" }],
  ])("are known by %s", (_, ids) => {
    expect(instagram(field, { from: { id: "77" }, text: "price?", ...ids })).toMatchObject({
      event: "comment.received",
      from: "77",
      native: "C1",
      details: {
        direction: "inbound",
        identity: { id: "77", igsid: "77" },
        comment: { id: "C1", kind, text: "price?" },
      },
    })
  })

  it("tell all that Meta says of the media, wherever it stands", () => {
    const media = { id: "M1", media_product_type: "AD", ad_id: "A1", ad_title: "Summer", original_media_id: "M0" }
    const told = { media_id: "M1", media_type: "ad", ad_id: "A1", ad_title: "Summer", original_media_id: "M0" }
    expect(instagram(field, { id: "C1", media })?.details.comment).toMatchObject(told)
    const { id: media_id, ...beside } = media
    expect(instagram(field, { id: "C1", media_id, ...beside })?.details.comment).toMatchObject(told)
  })

  it("are the account's own where Meta says so, also in an entry that does not name it", () => {
    const from = { id: PAGE, self_ig_scoped_id: "1254" }
    for (const id of [PAGE, "45202218377435"]) {
      const [draft] = made("instagram", { field, value: { id: "C1", from } }, id).drafts
      expect(draft).toMatchObject({ from: "", details: { direction: "outbound" } })
    }
  })
})

it.each([
  ["a comment", { comment_id: "C1", media_id: "M1" }, "C1"],
  ["a comment under id", { id: "C1", media: { id: "M1" } }, "C1"],
  ["a caption", { media: { id: "M1" } }, "M1"],
])("a mention in %s is known with who and what Meta tells of it", (_, ids, id) => {
  expect(instagram("mentions", { ...ids, from: { id: "77", username: "ann" }, text: "@shop look" })).toMatchObject({
    event: "comment.received",
    from: "77",
    details: { profile: { username: "ann" }, comment: { id, kind: "mention", text: "@shop look", media_id: "M1" } },
  })
})

const AUTHORS: [string, object][] = [
  ["from.id", { from: { id: "77", name: "Ann" } }],
  ["from", { from: "77" }],
  ["sender_id", { sender_id: "77", sender_name: "Ann" }],
  ["reviewer_id", { reviewer_id: 77, reviewer_name: "Ann" }],
]
const UNMAPPED = (["facebook", "instagram"] as const).flatMap((platform) =>
  ["comments", "story_insights", "feed", "something_new"].flatMap((field) =>
    AUTHORS.map(([name, author]) => ({ platform, field, name, author })),
  ),
)

it.each(UNMAPPED)("a change of $platform in $field that stays unmapped names whom it is of, by $name", (given) => {
  const { platform, field, author } = given
  const [event] = fullEvents(made(platform, { field, value: { ...author, timestamp: 1767257000 } }))
  expect(event).toMatchObject({
    event: "event.unmapped",
    from: "77",
    timestamp: 1767257000,
    direction: "inbound",
    identity: { id: "77", id_type: platform === "facebook" ? "psid" : "igsid" },
  })
  expect(event?.conversation_id).not.toBe("")
  const [own] = fullEvents(made(platform, { field, value: author }, "77"))
  expect(own).toMatchObject({ from: "", direction: "outbound" })
})

const EMPTY: [string, object][] = [
  ["no value", {}],
  ...[null, {}, [], "", 0, false, [{}], { "": "" }].map((value): [string, object] => [
    JSON.stringify(value),
    { value },
  ]),
]
const FIELDS: (string | undefined)[] = [
  ...["messages", "feed", "leadgen", "mention", "comments", "mentions", "account_alerts", "account_update", "history"],
  ...[
    "messaging_handovers",
    "message_template_status_update",
    "standby",
    "flows",
    "user_preferences",
    "new",
    "",
    undefined,
  ],
]
const CHANGES = PLATFORMS.flatMap((platform) =>
  FIELDS.flatMap((field) => EMPTY.map(([name, value]) => ({ platform, field, name, value }))),
)

it.each(CHANGES)("$platform: a change in $field with $name gives an event", ({ platform, field, value }) => {
  const { drafts, faults } = made(platform, { field, ...value })
  expect({ drafts: drafts.length, faults }).toEqual({ drafts: 1, faults: [] })
})

it.each(PLATFORMS)("%s: a change that is none is a fault", (platform) => {
  for (const change of [null, 1, "x", []]) expect(made(platform, change)).toMatchObject({ drafts: [], faults: [{}] })
})

it("a change of WhatsApp that has only what surrounds items is unmapped, whatever its field", () => {
  for (const value of [{}, { messaging_product: "whatsapp", metadata: { phone_number_id: "10962" } }]) {
    expect(made("whatsapp", { field: "account_alerts", value }).drafts).toMatchObject([
      { event: "event.unmapped", raw: { field: "account_alerts", item: value } },
    ])
  }
})
