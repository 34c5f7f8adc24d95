import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { EVENT_NAMES, type Platform } from "../../src/core/event/event.ts"
import { bodyOf, fixtures, PLATFORMS } from "../platforms/support/fixtures.ts"

const page = readFileSync(new URL("../../docs/reference/webhook-fields.md", import.meta.url), "utf8")
const HEADINGS: Record<Platform, string> = {
  facebook: "Messenger and Pages",
  instagram: "Instagram",
  whatsapp: "WhatsApp",
}
/** Not of a field: made by Onehook, by Meta's dashboard, or without an event of its own. */
const OF_NO_FIELD = new Set(["conversation.started", "webhook.test", "event.unmapped"])

/** Each documented field of a platform with the text of its event column. */
function documented(platform: Platform): Map<string, string> {
  const [, section = ""] =
    new RegExp(`^## ${HEADINGS[platform]}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(page) ?? []
  const rows = [...section.matchAll(/^\| (`.*?`) \|.*?\| (.*) \|$/gm)]
  return new Map(rows.flatMap(([, names = "", events = ""]) => namesIn(names).map((name) => [name, events] as const)))
}

const namesIn = (text: string) => [...text.matchAll(/`([a-z_.]+)`/g)].map(([, name = ""]) => name)

interface Change {
  field?: string
}

/** The fixtures whose body is one change, each with its field and its events. */
const changes = fixtures.flatMap(({ name, platform, expected, ...given }) => {
  const body = bodyOf(given) as { entry?: { changes?: Change[] }[] }
  const [entry, ...more] = Array.isArray(body?.entry) ? body.entry : []
  const [change] = Array.isArray(entry?.changes) ? entry.changes : []
  if (more.length > 0 || entry?.changes?.length !== 1 || typeof change?.field !== "string") return []
  const events = (expected as { event: string }[]).map(({ event }) => event).filter((event) => !OF_NO_FIELD.has(event))
  return events.length === 0 ? [] : [{ name, platform, field: change.field, events }]
})

describe("docs/reference/webhook-fields.md", () => {
  it.each(changes)("names the events of $field, as in $name", ({ platform, field, events }) => {
    const row = documented(platform).get(field) ?? ""
    const known = row.includes("as the item") ? events : namesIn(row)
    expect(known).toEqual(expect.arrayContaining(events))
  })

  it("names every event, and no other", () => {
    const named = new Set(PLATFORMS.flatMap((platform) => [...documented(platform).values()].flatMap(namesIn)))
    const events = [...named].filter((name) => /^[a-z]+\.[a-z_]+$/.test(name) && name !== "message.type")
    const expected = EVENT_NAMES.filter((name) => name !== "conversation.started" && name !== "webhook.test")
    expect(events.toSorted()).toEqual(expected.toSorted())
  })
})
