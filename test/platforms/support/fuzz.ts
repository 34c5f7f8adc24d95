import fc from "fast-check"
import { parseJsonText } from "../../../src/core/json/json.ts"
import { anyBody, anyText, type Given } from "./arbitraries.ts"
import { checkBody } from "./invariants.ts"

export interface Fuzzed {
  /** Bodies by what they were: read, or not JSON. */
  bodies: Map<string, number>
  items: number
  /** Events by name, faults by reason. */
  outcomes: Map<string, number>
  /** What did not hold, with the smallest body that shows it; undefined where everything held. */
  failure: string | undefined
}

/** Bodies that Meta would and would not send, from a seed; one in five is text with some characters changed. */
export function fuzz(count: number, seed: number): Fuzzed {
  const bodies = new Map<string, number>()
  const outcomes = new Map<string, number>()
  let items = 0
  const property = fc.property(
    fc.oneof({ weight: 4, arbitrary: anyBody }, { weight: 1, arbitrary: anyText }),
    (made) => {
      const given = "text" in made ? parsed(made) : made
      add(bodies, given === undefined ? "not JSON" : "read")
      if (given === undefined) return
      const { drafts, faults, items: found } = checkBody(given)
      items += found
      for (const { event } of drafts) add(outcomes, event)
      for (const { reason } of faults) add(outcomes, `fault: ${reason}`)
    },
  )
  const details = fc.check(property, { numRuns: count, seed })
  return { bodies, items, outcomes, failure: details.failed ? fc.defaultReportMessage(details) : undefined }
}

function parsed({ platform, text }: { platform: Given["platform"]; text: string }): Given | undefined {
  try {
    return { platform, body: parseJsonText(text) }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
