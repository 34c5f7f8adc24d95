import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { EVENT_NAMES, Event } from "../../src/core/event/event.ts"
import { createTestEvents } from "../../src/ingest/test-event.ts"
import samples from "../../src/platforms/samples.json" with { type: "json" }
import { sampleDraft, samplePlatforms } from "../../src/platforms/samples.ts"

const FIXTURES = join(import.meta.dirname, "../fixtures")
const NOW = 1_790_000_000_000
const cases = EVENT_NAMES.flatMap((event) => samplePlatforms(event).map((platform) => [event, platform] as const))

test("there is a sample of every event", () => {
  expect(EVENT_NAMES.filter((event) => samplePlatforms(event).length === 0)).toEqual([])
})

test("every sample is the body of a fixture", () => {
  const paths = globSync("{facebook,instagram,whatsapp}/*.json", { cwd: FIXTURES })
  const bodies = new Set(
    paths.map((path) => JSON.stringify(JSON.parse(readFileSync(join(FIXTURES, path), "utf8")).body)),
  )
  const own = Object.values(samples).flatMap((platforms) => Object.values(platforms))
  expect(own.filter((body) => !bodies.has(JSON.stringify(body)))).toEqual([])
})

test.each(cases)("%s of %s is an event of the contract, new each time", (event, platform) => {
  let count = 0
  const testEvent = createTestEvents({ instanceKey: new Uint8Array(32), nonce: () => `${count++}`, now: () => NOW })
  const [one, two] = [testEvent("cus_1", event, platform), testEvent("cus_1", event, platform)]
  const parsed = Event.parse(JSON.parse(one?.body ?? ""))
  expect(parsed).toMatchObject({ event, platform, timestamp: NOW / 1000, id: one?.id })
  expect(two?.id).not.toBe(one?.id)
})

test("a platform without such events has no sample", () => {
  expect(sampleDraft("lead.received", "whatsapp")).toBeNull()
})
