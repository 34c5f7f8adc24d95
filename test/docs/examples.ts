import { fixtures, fullEvents, normalizeFixture } from "../platforms/support/fixtures.ts"

const WIDTH = 110
/** `<!-- example: facebook/text -->` before a JSON block; with a number if the fixture produces several events. */
const EXAMPLE = /(<!-- example: (\S+)(?: (\d+))? -->\n```json\n)[\s\S]*?(\n```)/g

/** A page with its examples regenerated from the fixtures. */
export function withExamples(page: string): string {
  return page.replace(EXAMPLE, (_, head: string, name: string, index = "0", tail: string) => {
    const fixture = fixtures.find((each) => each.name === name)
    const event = fixture && fullEvents(normalizeFixture(fixture))[Number(index)]
    if (event === undefined) throw new Error(`no event ${index} of ${name}`)
    return head + write(event, "") + tail
  })
}

/** JSON for readers: values that fit on one line stay on one. */
function write(value: unknown, indent: string): string {
  const inline = oneLine(value)
  if (indent !== "" && indent.length + inline.length <= WIDTH) return inline
  if (typeof value !== "object" || value === null) return inline
  const list = Array.isArray(value)
  const deeper = `${indent}  `
  const lines = Object.entries(value).map(([key, each]) => {
    const text = write(each, deeper)
    return deeper + (list ? text : `${JSON.stringify(key)}: ${text}`)
  })
  return `${list ? "[" : "{"}\n${lines.join(",\n")}\n${indent}${list ? "]" : "}"}`
}

function oneLine(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${oneLine(each)}`)
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`
}
