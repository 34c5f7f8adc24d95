import { expect, test } from "vitest"
import { inChunks } from "../../src/ingest/commit-chunks.ts"
import type { Recognized } from "../../src/ingest/recognize.ts"

const items = (count: number, event = "message.received") =>
  Array.from({ length: count }, () => ({ routed: { customerId: "cus_1", draft: { event } } }) as unknown as Recognized)
const directory = (endpoints: number) => ({ endpointsOf: () => Array.from({ length: endpoints }) as never })
const sizes = (count: number, endpoints: number) =>
  inChunks(items(count), directory(endpoints)).map(({ length }) => length)

test.each([
  ["nothing", 0, 1, [0]],
  ["one item, however many endpoints get it", 1, 30_000, [1]],
  ["a full batch of Meta's, to ten endpoints", 1_000, 10, [1_000]],
  ["a larger one, split at the size of a commit", 1_000, 49, [400, 400, 200]],
  ["items that each exceed a commit", 3, 30_000, [1, 1, 1]],
])("a webhook is committed in one chunk, or in several if it is too large: %s", (_name, count, endpoints, expected) => {
  expect(sizes(count, endpoints)).toEqual(expected)
})

test("deleted messages are committed in chunks of at most 100", () => {
  const chunks = inChunks(items(250, "message.deleted"), directory(0))
  expect(chunks.map(({ length }) => length)).toEqual([100, 100, 50])
})

test("the chunks contain the items in their order", () => {
  const given = items(1_000)
  expect(inChunks(given, directory(49)).flat()).toEqual(given)
})
