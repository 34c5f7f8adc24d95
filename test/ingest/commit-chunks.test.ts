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
  ["one item, whoever gets it", 1, 30_000, [1]],
  ["what Meta batches, to ten endpoints", 1_000, 10, [1_000]],
  ["more, as much as a commit takes", 1_000, 49, [400, 400, 200]],
  ["items that each are too many", 3, 30_000, [1, 1, 1]],
])("what is committed together is all of a webhook, or a portion of it: %s", (_name, count, endpoints, expected) => {
  expect(sizes(count, endpoints)).toEqual(expected)
})

test("messages that are taken back are committed by some dozens", () => {
  const portions = inChunks(items(250, "message.deleted"), directory(0))
  expect(portions.map(({ length }) => length)).toEqual([100, 100, 50])
})

test("the portions are the items in their order", () => {
  const given = items(1_000)
  expect(inChunks(given, directory(49)).flat()).toEqual(given)
})
