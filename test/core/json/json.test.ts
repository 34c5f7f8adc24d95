import fc from "fast-check"
import { expect, it } from "vitest"
import { JsonTooDeepError, parseJson } from "../../../src/core/json/json.ts"

const parse = (text: string) => parseJson(Buffer.from(text))

it("parses the output of JSON.stringify to the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!/\d{16}/.test(text))
      expect(JSON.stringify(parse(text))).toBe(text)
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
  ["[-9007199254740991,-9007199254740992,-0]", [-9007199254740991, "-9007199254740992", -0]],
  ["[12345678901234567890e0,9007199254740993.0]", [Number("12345678901234567890"), 9007199254740992]],
  [String.raw`["\":12345678901234567890,",1]`, ['":12345678901234567890,', 1]],
  ['{"12345678901234567890":1}', { "12345678901234567890": 1 }],
])("keeps the digits of bare integers, and leaves other numbers alone: %s", (text, value) => {
  expect(parse(text)).toEqual(value)
})

/** JSON text and the value that it must be parsed to. */
interface Written {
  text: string
  value: unknown
}

const digits = fc.stringMatching(/^[1-9][0-9]{0,24}$/)
const integer = fc.tuple(fc.constantFrom("", "-"), digits).map(([sign, tail]): Written => {
  const text = sign + tail
  return { text, value: Number.isSafeInteger(Number(text)) ? Number(text) : text }
})
const fraction = fc
  .tuple(integer, fc.stringMatching(/^\.[0-9]{1,20}$/), fc.constantFrom("", "e5", "E-7", "e+12"))
  .map(([{ text }, tail, exponent]): Written => {
    const number = text + tail + exponent
    return { text: number, value: Number(number) }
  })
const exponent = fc
  .tuple(integer, fc.constantFrom("e0", "e1", "E2", "e+3", "e-4", "e300"))
  .map(([{ text }, power]): Written => ({ text: text + power, value: Number(text + power) }))
const space = fc.constantFrom("", " ", "\n\t")
/** Strings that contain characters that stand around numbers. */
const string = fc
  .oneof(fc.string(), fc.array(fc.constantFrom("12345678901234567890", ":", ",", '"', "\\", "[", "é", " ")))
  .map((given): Written => {
    const value = typeof given === "string" ? given : given.join("")
    return { text: JSON.stringify(value), value }
  })
const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { depthSize: "small", maxDepth: 5 },
    integer,
    fraction,
    exponent,
    string,
    fc.tuple(fc.array(tie("written"), { maxLength: 4 }), space).map(([each, gap]) => ({
      text: `[${gap}${each.map(({ text }) => text).join(`${gap},${gap}`)}${gap}]`,
      value: each.map(({ value }) => value),
    })),
    fc.tuple(fc.array(fc.tuple(string, tie("written")), { maxLength: 4 }), space).map(([each, gap]) => ({
      text: `{${each.map(([key, { text }]) => `${gap}${key.text}${gap}:${gap}${text}`).join(`${gap},`)}${gap}}`,
      value: Object.fromEntries(each.map(([key, { value }]) => [key.value, value])),
    })),
  ),
}))

it("keeps every integer with all its digits, other numbers as in JavaScript, and text unchanged", () => {
  fc.assert(
    fc.property(written, ({ text, value }) => {
      expect(parse(text)).toEqual(value)
    }),
    { numRuns: 2000 },
  )
})

it.each([
  [String.raw`{"a":1,"\n":2}`, { a: 1, "\n": 2 }],
  [String.raw`{"a":1,"\"":2}`, { a: 1, '"': 2 }],
  [String.raw`{"a":1,"\u0062" :[{"a":1,"\u0062":"\"\\\":"}]}`, { a: 1, b: [{ a: 1, b: '"\\":' }] }],
  [String.raw`{"a":1,"\t":12345678901234567890}`, { a: 1, "\t": "12345678901234567890" }],
  [
    String.raw`{"b":1,"\u005f_proto__":2,"__proto__":3,"\ud800":4,"\u0031":5,"1":6}`,
    [
      ["1", 6],
      ["b", 1],
      ["__proto__", 3],
      ["\ud800", 4],
    ],
  ],
])("reads an escaped key as written, whatever objects were parsed before: %s", (text, expected) => {
  for (const first of ["a", "b"]) parse(String.raw`[{"${first}":1,"\\":2},{"${first}":1,"\\u":2}]`)
  const value = parse(text)
  expect(Array.isArray(expected) ? Object.entries(value as object) : value).toEqual(expected)
})

it.each([String.raw`{"\q":1}`, String.raw`["\n":1]`, String.raw`{"\n":1`, String.raw`{"\n"x:1}`, '{"a\n\\n":1}'])(
  "rejects invalid JSON with an escaped key: %j",
  (text) => {
    expect(() => parse(text)).toThrow(/^not valid JSON$/)
  },
)

it("accepts 200 levels and rejects 201", () => {
  expect(() => parse("[".repeat(200) + "]".repeat(200))).not.toThrow()
  expect(() => parse("[".repeat(201) + "]".repeat(201))).toThrow(JsonTooDeepError)
  expect(() => parse(`${'{"a":'.repeat(201)}1${"}".repeat(201)}`)).toThrow("JSON is nested deeper than 200 levels")
})

it("is not misled by brackets and quotes inside strings", () => {
  expect(parse(JSON.stringify("[".repeat(300)))).toBe("[".repeat(300))
  expect(parse(JSON.stringify(['"[\\', "[".repeat(300)]))).toEqual(['"[\\', "[".repeat(300)])
  expect(() => parse(`${'["]]]",'.repeat(201)}1${"]".repeat(201)}`)).toThrow(JsonTooDeepError)
})

it.each(["[", "{", '{"a":', '["\\"', '"\\n"', "\\n", '{"\\n":1,', '"\\n" '])(
  "rejects 4 MB of %s with a plain error",
  (piece) => {
    expect(() => parse(piece.repeat(4_000_000 / piece.length))).toThrow(SyntaxError)
  },
)

it("does not quote the body in its errors", () => {
  for (const text of ["secret", '{"secret"', "", "[1,]"]) expect(() => parse(text)).toThrow(/^not valid JSON$/)
})

it("reads invalid UTF-8 as replacement characters", () => {
  expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toBe("\ufffd")
})

it("reads a view into a larger buffer", () => {
  expect(parseJson(Buffer.from("xx[1]xx").subarray(2, 5))).toEqual([1])
})

it.each([
  ["lists", "[]"],
  ["objects", "{}"],
])("counts levels, not brackets: %s side by side at the deepest level", (_, deepest) => {
  const text = `${"[".repeat(199)}${Array(300).fill(deepest)}${"]".repeat(199)}`
  expect(() => parse(text)).not.toThrow()
  expect(() => parse(`[${text}]`)).toThrow(JsonTooDeepError)
})

it.each([
  ["after many lists", `[${"[],".repeat(201)}"`],
  ["after a key with an escape", '{"\\n":1,"a'],
])("rejects a string that is not closed: %s", (_, text) => {
  expect(() => parse(text)).toThrow(/^not valid JSON$/)
})
