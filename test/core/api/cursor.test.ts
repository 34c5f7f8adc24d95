import { expect, test } from "vitest"
import { byId, decodeCursor, encodeCursor } from "../../../src/core/api/cursor.ts"

const endpoints = byId("ep")

test("a cursor gives back the key it was made of", () => {
  expect(decodeCursor(endpoints, encodeCursor(endpoints, "ep_06h0hy"))).toBe("ep_06h0hy")
})

test("a cursor of another list is none", () => {
  for (const list of ["con", "wh"]) expect(decodeCursor(byId(list), encodeCursor(endpoints, "ep_06h0hy"))).toBeNull()
})

test.each([
  "",
  "!!!",
  `${encodeCursor(endpoints, "ep_06h0hy")}=`,
  "ep_06h0hy",
  encodeCursor(endpoints, "ep_1' or 1=1"),
  encodeCursor(endpoints, "ep_\0"),
  "ZXA6",
])("%j is no cursor", (text) => {
  expect(decodeCursor(endpoints, text)).toBeNull()
})
