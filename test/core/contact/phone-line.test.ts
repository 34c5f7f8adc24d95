import fc from "fast-check"
import { expect, it } from "vitest"
import { isSameLine, lineOf } from "../../../src/core/contact/phone-line.ts"

it.each([
  ["a mobile of São Paulo, with and without its ninth digit", "5511987654321", "551187654321"],
  ["a mobile of Belo Horizonte", "5531991234567", "553191234567"],
  ["a mobile of Brazil that begins with 6", "5585961234567", "558561234567"],
  ["a mobile of Mexico, with and without the 1", "5215512345678", "525512345678"],
  ["a mobile of Argentina, with and without the 9", "5491123456789", "541123456789"],
  ["a mobile of Córdoba", "5493512345678", "543512345678"],
])("%s is one line", (_, long, short) => {
  expect([lineOf(long), lineOf(short)]).toEqual([short, short])
  expect([isSameLine(long, short), isSameLine(short, long)]).toEqual([true, true])
})

it.each([
  ["a landline of Brazil and the mobile with a 9 before it", "551132345678", "5511932345678"],
  ["two areas of Brazil", "5511987654321", "552187654321"],
  ["a number of the United States and one with a 1 more", "16505550134", "116505550134"],
  ["Peru, whose mobiles begin with 9", "51912345678", "5112345678"],
  ["a number of Mexico and one that is too long", "525512345678", "52115512345678"],
  ["Argentina's areas begin with 1, 2 or 3", "5494123456789", "544123456789"],
])("%s are two lines", (_, one, other) => {
  expect([isSameLine(one, other), isSameLine(other, one)]).toEqual([false, false])
})

it("a line is named alike by each of its numbers, and is one of them", () => {
  const digits = fc.stringMatching(/^(?:5[245]|[1-9])\d{8,12}$/)
  fc.assert(
    fc.property(digits, (phone) => {
      const line = lineOf(phone)
      expect(line === undefined || lineOf(line) === line).toBe(true)
      expect(isSameLine(phone, line ?? phone)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
