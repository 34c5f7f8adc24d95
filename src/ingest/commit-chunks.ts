import type { Directory } from "../core/delivery/endpoint.ts"
import type { Recognized } from "./recognize.ts"

/** Most rows of one commit: an event counts as one, and so does each of its deliveries. */
const MAX_ROWS = 20_000
/** A deleted message counts as this many rows, since its events are searched in every stored day. */
const ROWS_PER_DELETED_MESSAGE = 200

/**
 * Splits a webhook into the chunks that are committed together. There is only one chunk unless thousands of items go to
 * hundreds of endpoints. If a later chunk fails, Meta sends the whole webhook again, and the events that were already
 * committed are deduplicated.
 *
 * @returns at least one chunk, in the order of the items
 */
export function inChunks(recognized: Recognized[], { endpointsOf }: Pick<Directory, "endpointsOf">): Recognized[][] {
  if (recognized.length <= 1) return [recognized]
  const chunks: Recognized[][] = []
  let chunk: Recognized[] = []
  let rows = 0
  for (const one of recognized) {
    const { customerId, draft } = one.routed
    const more = endpointsOf(customerId).length + (draft.event === "message.deleted" ? ROWS_PER_DELETED_MESSAGE : 1)
    if (rows + more > MAX_ROWS && chunk.length > 0) {
      chunks.push(chunk)
      chunk = []
      rows = 0
    }
    chunk.push(one)
    rows += more
  }
  return [...chunks, chunk]
}
