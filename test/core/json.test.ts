import fc from "fast-check"
import { expect, it } from "vitest"
import { JsonTooDeepError, parseJson } from "../../src/core/json.ts"

const parse = (text: string) => parseJson(Buffer.from(text))

it("parses what JSON.parse parses, to the same", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!/\d{16}/.test(text))
      expect(parse(text)).toEqual(JSON.parse(text))
    }),
  )
})

it.each([
  ["9007199254740993", "9007199254740993"],
  ['{"id":17900000000000007}', { id: "17900000000000007" }],
  ["[-90071992547409930 , 12345678901234567890]", ["-90071992547409930", "12345678901234567890"]],
  ['{"at":1767168060123,"max":9007199254740991}', { at: 1767168060123, max: 9007199254740991 }],
  ['{"text":"pay: 12345678901234567890, please"}', { text: "pay: 12345678901234567890, please" }],
  ["[1e20,0.1234567890123456789,12345678901234567.5]", [1e20, 0.12345678901234568, 12345678901234568]],
])("keeps the digits of bare integers, and leaves other numbers alone: %s", (text, value) => {
  expect(parse(text)).toEqual(value)
})

it("reads 200 levels and refuses one more", () => {
  expect(() => parse("[".repeat(200) + "]".repeat(200))).not.toThrow()
  expect(() => parse("[".repeat(201) + "]".repeat(201))).toThrow(JsonTooDeepError)
  expect(() => parse(`${'{"a":'.repeat(201)}1${"}".repeat(201)}`)).toThrow("JSON is nested deeper than 200 levels")
})

it("is not misled by brackets and quotes inside strings", () => {
  expect(parse(JSON.stringify("[".repeat(300)))).toBe("[".repeat(300))
  expect(parse(JSON.stringify(['"[\\', "[".repeat(300)]))).toEqual(['"[\\', "[".repeat(300)])
  expect(() => parse(`${'["]]]",'.repeat(201)}1${"]".repeat(201)}`)).toThrow(JsonTooDeepError)
})

it.each(["[", "{", '{"a":', '["\\"', "["])("answers 4 MB of %s with a plain error", (piece) => {
  expect(() => parse(piece.repeat(4_000_000 / piece.length))).toThrow(SyntaxError)
})

it("does not quote the body in its errors", () => {
  for (const text of ["secret", '{"secret"', "", "[1,]"]) expect(() => parse(text)).toThrow(/^not valid JSON$/)
})

it("reads invalid UTF-8 as replacement characters", () => {
  expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toBe("\ufffd")
})

it("reads a view into a larger buffer", () => {
  expect(parseJson(Buffer.from("xx[1]xx").subarray(2, 5))).toEqual([1])
})
