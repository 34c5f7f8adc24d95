import { expect, test } from "vitest"
import { clientAddress } from "../../../src/http/auth/client-address.ts"

test.each([
  ["203.0.113.1", "203.0.113.1"],
  ["203.0.113.1:4711", "203.0.113.1"],
  ["2001:db8::1", "2001:db8::1"],
  ["[2001:db8::1]:4711", "2001:db8::1"],
  ["::ffff:203.0.113.1", "203.0.113.1"],
  ["::1", "::1"],
  ["unknown", "unknown"],
])("%s is the client %s", (text, address) => {
  expect(clientAddress(text)).toBe(address)
})
