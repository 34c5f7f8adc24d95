import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as z from "zod"
import { Event } from "../src/core/event/event.ts"
import { OperationalEvent } from "../src/core/event/operational-event.ts"

const FOLDER = import.meta.dirname

/** The public contract as JSON Schemas by file name: all events, each event, and the operational events. */
function generate(): ReadonlyMap<string, string> {
  const files = new Map([["event.v1.json", schemaText(Event, "event", "Onehook event, version 1")]])
  for (const each of Event.options) {
    const name = each.shape.event.value
    files.set(join("events", `${name}.v1.json`), schemaText(each, `event.${name}`, `${name}, version 1`))
  }
  const title = "Onehook operational event, version 1"
  return files.set("operational-event.v1.json", schemaText(OperationalEvent, "operational-event", title))
}

/** Additional properties are allowed: consumers ignore keys that a later minor version adds. */
function schemaText(schema: z.ZodType, id: string, title: string): string {
  const {
    $schema,
    title: _,
    ...rest
  } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      // Bounds that every JavaScript number satisfies.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return `${JSON.stringify({ $schema, $id: `urn:onehook:schema:${id}.v1`, title, ...rest }, null, 2)}\n`
}

const generated = generate()
const found = globSync(["*event.v1.json", join("events", "*")], { cwd: FOLDER })
const stale = found.filter((file) => !generated.has(file))
if (process.argv.includes("--check")) {
  const missing = [...generated.keys()].filter((file) => !found.includes(file))
  const changed = found.filter((file) => readFileSync(join(FOLDER, file), "utf8") !== generated.get(file))
  const wrong = [...missing, ...changed].map((file) => `schemas/${file} differs from src/core\n`)
  if (wrong.length > 0) process.stderr.write(`${wrong.join("")}run: node schemas/generate.ts\n`)
  process.exitCode = wrong.length > 0 ? 1 : 0
} else {
  for (const file of stale) rmSync(join(FOLDER, file))
  mkdirSync(join(FOLDER, "events"), { recursive: true })
  for (const [file, text] of generated) writeFileSync(join(FOLDER, file), text)
}
