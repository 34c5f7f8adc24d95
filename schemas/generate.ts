import { readFileSync, writeFileSync } from "node:fs"
import * as z from "zod"
import { Event } from "../src/core/event.ts"

const FILE = new URL("event.v1.json", import.meta.url)

/** The public contract as JSON Schema. Open: consumers ignore keys that a later minor version adds. */
function eventSchema(): string {
  const schema = z.toJSONSchema(Event, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      // What every JSON number that JavaScript can hold satisfies.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  const { $schema, ...rest } = schema
  const head = { $schema, $id: "urn:onehook:schema:event.v1", title: "Onehook event, version 1" }
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`
}

const generated = eventSchema()
if (!process.argv.includes("--check")) writeFileSync(FILE, generated)
else if (readFileSync(FILE, "utf8") !== generated) {
  process.stderr.write("schemas/event.v1.json is not what src/core/event.ts says: run node schemas/generate.ts\n")
  process.exitCode = 1
}
