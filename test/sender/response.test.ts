import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { excerptOf, retryAfterMs } from "../../src/sender/response.ts"

const NOW = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT")

describe("Retry-After", () => {
  test.each([
    [503, "120", 120_000],
    [429, " 5 ", 5_000],
    [429, "Wed, 21 Oct 2026 07:28:30 GMT", 30_000],
    [429, "Wednesday, 21-Oct-26 07:28:30 GMT", 30_000],
    [429, "Wed Oct 21 07:28:30 2026", 30_000],
    [429, "Sun Nov  1 07:28:00 2026", 950_400_000],
    [503, "Wed, 21 Oct 2020 07:28:00 GMT", 0],
    // A Unix time in seconds.
    [429, String(NOW / 1000 + 30), 30_000],
    [429, String(NOW / 1000 - 30), 0],
    [429, "86400", 86_400_000],
    [503, String(NOW), null],
    [503, "Wed Oct 21 07:28:30", null],
    [503, ["7", "9"], 7_000],
    [503, undefined, null],
    [503, "", null],
    [503, "-1", null],
    [503, "1.5", null],
    [503, "2026-10-21", null],
    [503, "Wed, rubbish GMT", null],
    [500, "120", null],
    [200, "120", null],
  ])("of a %i, given as %j, is %s ms", (status, header, expected) => {
    expect(retryAfterMs(status, header, NOW)).toBe(expected)
  })
})

describe("the excerpt", () => {
  const excerpt = (...parts: (string | number[])[]) =>
    excerptOf(
      parts.map((part) => Buffer.from(part as string)),
      12,
    )

  test.each([
    ["is empty for no body", excerpt(), ""],
    ["joins chunks that cut a character in two", excerpt([0xc3], [0xa4]), "ä"],
    ["replaces invalid UTF-8", excerpt([0x61, 0xff, 0x62]), "a\ufffdb"],
    ["replaces NUL, which Postgres cannot store", excerpt("a\0b"), "a\ufffdb"],
    ["ends before a character that does not fit", excerpt("12345678901ä"), "12345678901"],
    ["keeps to its size when replacements make it longer", excerpt(new Array(12).fill(0xff)), "\ufffd".repeat(4)],
  ])("%s", (_name, actual, expected) => {
    expect(actual).toBe(expected)
  })

  test("is always text that can be stored, within its size", () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 })
    fc.assert(
      fc.property(chunks, fc.integer({ min: 1, max: 64 }), (given, maxBytes) => {
        const text = excerptOf(given, maxBytes)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes)
        expect(text.isWellFormed()).toBe(true)
        expect(text).not.toContain("\0")
      }),
    )
  })
})
