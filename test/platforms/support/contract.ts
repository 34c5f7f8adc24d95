import { readFileSync } from "node:fs"
import { Ajv2020 } from "ajv/dist/2020.js"
import { EVENT_NAMES, Event, type EventName } from "../../../src/core/event/event.ts"
import { OperationalEvent } from "../../../src/core/event/operational-event.ts"

// Of a time, the pattern beside the format is what counts.
const ajv = new Ajv2020({ allErrors: true, formats: { "date-time": true } })
const everyEvent = published("event.v1.json")
const operational = published("operational-event.v1.json")
const byName = new Map(EVENT_NAMES.map((name) => [name, published(`events/${name}.v1.json`)]))

/**
 * Why an event breaks the contract, by our own schema (strict), by the published one, and by the published one of its
 * name; null where it does not.
 */
export function breaches(event: unknown): unknown {
  const own = Event.safeParse(event)
  if (!own.success) return own.error.issues
  const named = byName.get((event as { event: EventName }).event)
  if (named === undefined) return "no schema of its name"
  if (!named(event)) return named.errors
  return everyEvent(event) ? null : everyEvent.errors
}

/** The same for what Onehook tells of its own state. */
export function operationalBreaches(event: unknown): unknown {
  const own = OperationalEvent.safeParse(event)
  if (!own.success) return own.error.issues
  return operational(event) ? null : operational.errors
}

function published(file: string) {
  return ajv.compile(JSON.parse(readFileSync(new URL(`../../../schemas/${file}`, import.meta.url), "utf8")))
}
