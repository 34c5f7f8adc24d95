import { expect, it } from "vitest"
import { normalize, platformOf } from "../../src/platforms/index.ts"
import { composeDraft } from "./support/fixtures.ts"

const message = { sender: { id: "1" }, recipient: { id: "2" }, timestamp: 1, message: { mid: "m_1", text: "hi" } }

it.each([
  ["null", null],
  ["a string", "hello"],
  ["a number", 5],
  ["an empty array", []],
  ["an array of no envelopes", [1, 2]],
  ["an object without entry", {}],
  ["an unknown object", { object: "user", entry: [] }],
  ["a name that every object has", { object: "constructor", entry: [] }],
])("makes one fault of the whole body where it is %s", (_, body) => {
  expect(normalize("facebook", body)).toMatchObject({ drafts: [], faults: [{ path: "", item: body }] })
})

it("makes nothing of an envelope without entries", () => {
  expect(normalize("facebook", { object: "page", entry: [] })).toEqual({ drafts: [], faults: [] })
})

const MANY = 60_000
const many = (make: (index: number) => unknown) => Array.from({ length: MANY }, (_, index) => make(index))
const inArrays = (make: (index: number) => unknown) =>
  [0, 1, 2].map((part) => many(make).slice((part * MANY) / 3, ((part + 1) * MANY) / 3))

it.each([
  ["empty items", "facebook", { entry: inArrays(() => ({})).map((messaging) => ({ id: "2", messaging })) }],
  ["items that are none", "facebook", { entry: inArrays(() => 1).map((messaging) => ({ id: "2", messaging })) }],
  [
    "entries that are none",
    "facebook",
    many(() => ({ entry: [1] }))
      .slice(0, 20_000)
      .concat({ entry: [1, 2] }),
  ],
  ["envelopes", "instagram", many(() => ({ entry: [1] }))],
  [
    "keys",
    "facebook",
    { entry: [{ id: "2", messaging: [], ...Object.fromEntries(many((at) => [`k${at}`, [at]]) as []) }] },
  ],
  [
    "lists of WhatsApp",
    "whatsapp",
    {
      entry: [
        {
          id: "3",
          changes: inArrays(() => ({ id: "x" })).map((statuses) => ({ field: "messages", value: { statuses } })),
        },
      ],
    },
  ],
] as const)("makes no more of a body than it may, and a fault of the rest: %s", (_, platform, body) => {
  const { drafts, faults } = normalize(platform, body)
  expect(drafts.length + faults.length).toBeLessThan(20_010)
  expect(faults.at(-1)?.reason).toBe("more than 20000 items")
})

it("believes the body about its platform, and the route where the body is silent", () => {
  const entry = [{ id: "2", messaging: [message] }]
  expect(normalize("facebook", { object: "instagram", entry }).drafts[0]?.platform).toBe("instagram")
  expect(normalize("instagram", { entry }).drafts[0]?.platform).toBe("instagram")
  expect(platformOf({ object: "page" })).toBe("facebook")
  expect(platformOf({})).toBeUndefined()
})

it("takes a lone entry or item for an array of one", () => {
  const { drafts, faults } = normalize("facebook", { object: "page", entry: { id: "2", messaging: message } })
  expect(drafts).toHaveLength(1)
  expect(faults).toEqual([])
})

it("names the place of what is malformed", () => {
  const entry = [
    { id: "2", messaging: [message, 7] },
    { id: "2", changes: [{ field: "feed", value: {} }, null] },
  ]
  const { drafts, faults } = normalize("facebook", { object: "page", entry })
  expect(drafts.map(({ event }) => event)).toEqual(["message.received", "event.unmapped"])
  expect(faults).toEqual([
    { path: "entry[0].messaging[1]", reason: "not an object", item: 7 },
    { path: "entry[1].changes[1]", reason: "not an object", item: null },
  ])
})

it("keeps calls where a product is not known to have them", () => {
  const { drafts } = normalize("instagram", { object: "instagram", entry: [{ id: "2", calls: [{ id: "c" }] }] })
  expect(drafts).toMatchObject([{ event: "event.unmapped", raw: { field: "calls", item: { id: "c" } } }])
})

it("keeps an entry whole that holds nothing known", () => {
  const { drafts } = normalize("facebook", { object: "page", entry: [{ id: "2", sparkles: [1] }] })
  expect(drafts).toMatchObject([{ event: "event.unmapped", pageId: "2", raw: { item: { id: "2", sparkles: [1] } } }])
})

it("refuses to take apart more items than Meta could mean", () => {
  const { drafts, faults } = normalize("facebook", {
    object: "page",
    entry: [{ id: "2", messaging: Array(20_001).fill({}) }],
  })
  expect(drafts).toEqual([])
  expect(faults).toMatchObject([{ path: "entry[0].messaging", reason: "more than 20000 items" }])
})

it("takes ids that could not be stored for missing", () => {
  for (const id of ["a\u0000b", "x".repeat(600), ""]) {
    const [draft] = normalize("facebook", {
      object: "page",
      entry: [{ id: "2", messaging: [{ ...message, sender: { id } }] }],
    }).drafts
    expect(draft).toMatchObject({ from: "", contact: "", pageId: "2" })
  }
})

it("ignores times that are none", () => {
  for (const timestamp of [-1, 0, 1e300, "soon", {}, "9".repeat(400)]) {
    const [draft] = normalize("facebook", {
      object: "page",
      entry: [{ id: "2", messaging: [{ ...message, timestamp }] }],
    }).drafts
    expect(draft?.timestampMs).toBeNull()
  }
})

it.each([
  ["contact", { contacts: [{ wa_id: "7", profile: { name: "n".repeat(100_000) } }] }],
  ["metadata", { metadata: { phone_number_id: "2", note: "n".repeat(100_000) } }],
  [
    "list of errors",
    { errors: Array(10_000).fill({ code: 1, title: "t".repeat(50) }), calls: Array(1000).fill({ id: "c", from: "7" }) },
  ],
])("does not repeat a large %s with every item", (_, more) => {
  const messages = Array(1000).fill({ id: "w", from: "7", type: "text", text: { body: "x" } })
  const value = { metadata: { phone_number_id: "2" }, messages, ...more }
  const body = { object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages", value }] }] }
  const sent = normalize("whatsapp", body).drafts.reduce((sum, draft) => sum + composeDraft(draft, true).body.length, 0)
  expect(sent).toBeLessThan(30 * JSON.stringify(body).length)
})
