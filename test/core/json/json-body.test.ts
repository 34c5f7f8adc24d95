import fc from "fast-check"
import { expect, it } from "vitest"
import { parseJsonText } from "../../../src/core/json/json.ts"
import { holdsTooDeep, parseBody, parseBodyText, TooDeep } from "../../../src/core/json/json-body.ts"

const nested = (levels: number, inside = "") => `${"[".repeat(levels)}${inside}${"]".repeat(levels)}`

it("reads what is not too deep as parseJson does", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const { body, isCut } = parseBodyText(text)
      expect(body).toEqual(parseJsonText(text))
      expect(isCut).toBe(false)
    }),
  )
  expect(parseBodyText(nested(200)).isCut).toBe(false)
})

it("cuts off what is too deep, keeps its text, and reads all else", () => {
  const deep = `{"a":${nested(300, '"]]"')},"b":90071992547409931}`
  const { body, isCut } = parseBodyText(`{"x":[${deep}],"y":90071992547409931,"z":"\\u00e9"}`)
  expect(isCut).toBe(true)
  expect(body).toMatchObject({ x: [{ b: "90071992547409931" }], y: "90071992547409931", z: "é" })
  expect(holdsTooDeep(body)).toBe(true)
  expect(holdsTooDeep({ ...(body as object), x: 1 })).toBe(false)
  const cut = JSON.stringify(body).match(/"(\[+\\"\]\]\\"\]+)"/)?.[1]
  expect(cut).toBe(nested(300 - 97 + 1, '\\"]]\\"'))
})

it("reads as bytes, too, with keys that are escaped", () => {
  const { body } = parseBody(Buffer.from(`{"\\n":${nested(250)}}`))
  expect(Object.keys(body as object)).toEqual(["\n"])
})

it.each([
  ["not closed", "[".repeat(300)],
  ["closed by others", `{"a":${"[".repeat(300)}${"}".repeat(300)}}`],
  ["no JSON inside", `{"a":${nested(300, "nope")}}`],
  ["an unclosed text inside", `{"a":${nested(300, '"x')}}`],
])("refuses what is no JSON: %s", (_, text) => {
  expect(() => parseBodyText(text)).toThrow(new SyntaxError("not valid JSON"))
})

it("cannot be made to take a text for a part that was cut off", () => {
  const { body } = parseBodyText(`{"a":"00000000-0000-4000-8000-0000000000000","b":${nested(300)}}`)
  expect((body as { a: unknown }).a).not.toBeInstanceOf(TooDeep)
})
