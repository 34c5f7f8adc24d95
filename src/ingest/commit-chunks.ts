import type { Directory } from "../core/delivery/endpoint.ts"
import type { Recognized } from "./recognize.ts"

/** An event counts as one, and so does each of its deliveries. */
const MOST_ROWS = 20_000
/** What a message that is taken back counts for: the events that it may have are looked for in every day that is kept. */
const ROWS_OF_DELETED = 200

/**
 * What of a webhook is committed together: all of it, but for thousands of items that go to hundreds of endpoints. Where
 * a later chunk fails, Meta sends all again, and what is there already is recognized.
 *
 * @returns at least one, in the order of the items
 */
export function inChunks(recognized: Recognized[], { endpointsOf }: Pick<Directory, "endpointsOf">): Recognized[][] {
  if (recognized.length <= 1) return [recognized]
  const chunks: Recognized[][] = []
  let chunk: Recognized[] = []
  let rows = 0
  for (const one of recognized) {
    const { customerId, draft } = one.routed
    const more = endpointsOf(customerId).length + (draft.event === "message.deleted" ? ROWS_OF_DELETED : 1)
    if (rows + more > MOST_ROWS && chunk.length > 0) {
      chunks.push(chunk)
      chunk = []
      rows = 0
    }
    chunk.push(one)
    rows += more
  }
  return [...chunks, chunk]
}
