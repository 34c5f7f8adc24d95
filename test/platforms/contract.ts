import { readFileSync } from "node:fs"
import { Ajv2020 } from "ajv/dist/2020.js"
import { Event } from "../../src/core/event.ts"

const ajv = new Ajv2020({ allErrors: true })
const published = ajv.compile(JSON.parse(readFileSync(new URL("../../schemas/event.v1.json", import.meta.url), "utf8")))

/** Why an event breaks the contract, by our own schema (strict) and by the published one; null where it does not. */
export function breaches(event: unknown): unknown {
  const own = Event.safeParse(event)
  if (!own.success) return own.error.issues
  return published(event) ? null : published.errors
}
