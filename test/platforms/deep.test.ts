import { describe, expect, it } from "vitest"
import { parseBodyText } from "../../src/core/json/json-body.ts"
import { normalize } from "../../src/platforms/index.ts"
import { at, isObject, pathsOf, replaced } from "./support/arbitraries.ts"
import { bodyOf, fixtures, fullEvents, normalizeFixture, PLATFORMS } from "./support/fixtures.ts"

const DEEP = `${'{"a":['.repeat(150)}${"]}".repeat(150)}`
const PLACE = "the deep one"

/** Items that say of themselves that they are one. */
const ITEMS = ["messaging", "standby", "messages", "message_echoes", "statuses", "changes"]

it.each(PLATFORMS)("an item of %s that is nested too deep is a fault, and costs its siblings nothing", (platform) => {
  let tried = 0
  for (const fixture of fixtures.filter((each) => each.platform === platform && each.faults === undefined)) {
    const body = bodyOf(fixture)
    const path = pathsOf(body).find((each) => ITEMS.includes(each.at(-2) ?? "") && isObject(at(body, each)))
    const list = path?.slice(0, -1)
    if (path === undefined || list === undefined || path.includes("history")) continue
    const own = at(body, path) as Record<string, unknown>
    const broken = path.at(-2) === "changes" ? { field: own.field, value: { x: PLACE } } : { ...own, x: PLACE }
    const text = JSON.stringify(replaced(body, list, (items) => [broken, ...[items].flat()]))
    const parsed = parseBodyText(text.replace(`"${PLACE}"`, DEEP))
    const normalized = normalize(platform, parsed.body, { isCut: parsed.isCut })
    expect(fullEvents(normalized), fixture.name).toEqual(fullEvents(normalizeFixture(fixture)))
    expect(normalized.faults.map(({ reason }) => reason)).toEqual(["nested deeper than 200 levels"])
    expect(JSON.stringify(normalized.faults)).toContain('{\\"a\\":[{\\"a\\":[')
    tried++
  }
  expect(tried).toBeGreaterThan(10)
})

describe("what is nested too deep", () => {
  const message = { sender: { id: "1" }, recipient: { id: "2" }, timestamp: 1, message: { mid: "m_1", text: "hi" } }
  const told = (text: string) => {
    const { body, isCut } = parseBodyText(text.replaceAll(`"${PLACE}"`, DEEP))
    const { drafts, faults } = normalize("facebook", body, { isCut })
    return { events: drafts.map(({ event }) => event), faults: faults.map(({ path }) => path) }
  }

  it("beside entries is nobody's, and beside items is a fault of its own", () => {
    const entry = [{ id: "2", messaging: [message], odd: PLACE }]
    const { events, faults } = told(JSON.stringify({ object: "page", entry, odd: PLACE }))
    expect({ events, faults }).toEqual({ events: ["message.received"], faults: ["entry[0].odd"] })
  })

  it("in place of an item or an entry is a fault", () => {
    const entry = [PLACE, { id: "2", messaging: [message, PLACE, message] }]
    const { events, faults } = told(JSON.stringify({ object: "page", entry }))
    expect(events).toEqual(["message.received", "message.received"])
    expect(faults).toEqual(["entry[0]", "entry[1].messaging[1]"])
  })

  it("as the whole body is a fault of the whole", () => {
    expect(told(JSON.stringify([PLACE]))).toEqual({ events: [], faults: [""] })
  })
})
