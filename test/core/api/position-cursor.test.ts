import { expect, test } from "vitest"
import { createPositionCursors } from "../../../src/core/api/position-cursor.ts"

const cursors = createPositionCursors(new Uint8Array(32).fill(7))
const cursor = cursors.encode("events", "cus_1", "4711")

test.each(["0", "1", "999999999999999999"])("a cursor leads back to the position %s", (position) => {
  expect(cursors.decode("events", "cus_1", cursors.encode("events", "cus_1", position))).toBe(position)
})

test("every gateway makes the same cursor, and only for the same customer, list and position", () => {
  const same = createPositionCursors(new Uint8Array(32).fill(7))
  expect(same.encode("events", "cus_1", "4711")).toBe(cursor)
  const others = [
    cursors.encode("events", "cus_1", "4712"),
    cursors.encode("events", "cus_2", "4711"),
    cursors.encode("following", "cus_1", "4711"),
    createPositionCursors(new Uint8Array(32).fill(8)).encode("events", "cus_1", "4711"),
  ]
  expect(new Set([cursor, ...others]).size).toBe(5)
})

test("a cursor shows neither its position nor how far two positions are apart", () => {
  const bytes = (position: string) => Buffer.from(cursors.encode("events", "cus_1", position), "base64url")
  const [first, second] = [bytes("4711"), bytes("4712")]
  expect(first.includes(Buffer.from([4711 >> 8, 4711 & 255]))).toBe(false)
  const shared = [...first].filter((byte, at) => byte === second[at])
  expect(shared.length).toBeLessThan(first.length / 2)
})

test.each([
  ["another customer", () => cursors.decode("events", "cus_2", cursor)],
  ["another list", () => cursors.decode("following", "cus_1", cursor)],
  [
    "a changed cursor",
    () => cursors.decode("events", "cus_1", `${cursor.startsWith("A") ? "B" : "A"}${cursor.slice(1)}`),
  ],
  ["a longer cursor", () => cursors.decode("events", "cus_1", `${cursor}AAAA`)],
  ["padding", () => cursors.decode("events", "cus_1", `${cursor}=`)],
  ["the bare position", () => cursors.decode("events", "cus_1", Buffer.from("evt:4711").toString("base64url"))],
  ["no text", () => cursors.decode("events", "cus_1", "")],
])("refuses %s", (_what, decode) => {
  expect(decode()).toBeNull()
})
