import type { Normalized } from "../../../src/core/event/draft.ts"
import { normalize } from "../../../src/platforms/index.ts"
import type { Given } from "./arbitraries.ts"
import { breaches } from "./contract.ts"
import { contradictions } from "./contradictions.ts"
import { fullEvents } from "./fixtures.ts"
import { lost, marked } from "./marks.ts"

/**
 * What holds whatever the body: it never throws, no code of ours fails inside, no item is lost or told twice, the same
 * body gives the same, no event contradicts itself about who acted, and every event keeps the contract.
 *
 * @throws Error that says what does not hold
 */
export function checkBody({ platform, body }: Given): Normalized & { items: number } {
  const given = marked(platform, body)
  const normalized = normalize(platform, given.body)
  const { drafts, faults } = normalized
  const gone = lost(normalized, given.count)
  if (gone.length > 0) throw new Error(`items are lost or doubled: ${gone.join(", ")}`)
  const own = faults.filter(({ reason }) => reason.startsWith("could not be read"))
  if (own.length > 0) throw new Error(`our own code failed: ${own.map(({ reason }) => reason).join(", ")}`)
  if (drafts.some(({ pageId }) => pageId === "")) throw new Error("an event belongs to no page")
  const contradicted = drafts.flatMap(contradictions)
  if (contradicted.length > 0) throw new Error(`an event contradicts itself: ${contradicted.join(", ")}`)
  for (const event of fullEvents(normalized)) {
    const why = breaches(event)
    if (why !== null) throw new Error(`${event.event} breaks the contract: ${JSON.stringify(why)}`)
  }
  const again = normalize(platform, structuredClone(given.body)).drafts
  if (JSON.stringify(again) !== JSON.stringify(drafts)) throw new Error("the same body gives something else")
  return { ...normalized, items: given.count }
}
