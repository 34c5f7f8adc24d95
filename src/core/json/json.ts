import { parseKeys } from "./json-keys.ts"
import { endOfString } from "./json-string.ts"

/** Meta nests about ten levels. Far deeper values would overflow the stack of code that walks them. */
const MAX_DEPTH = 200

/**
 * Integers near or beyond 2^53, preceded by what can precede a bare number. A match inside a string only makes parsing
 * slower.
 */
const LONG_BARE_INTEGER = /(?:^|[:,[\s])-?(?:9\d{15}|\d{17})/
const INTEGER = /^-?\d+$/

export class JsonTooDeepError extends SyntaxError {
  override readonly name = "JsonTooDeepError"
}

/**
 * `JSON.parse` for bodies from outside.
 *
 * - a bare integer that JavaScript cannot hold becomes the string of its source text, so ids keep every digit
 * - invalid UTF-8 becomes U+FFFD, as with `Buffer.toString`
 * - errors: `JsonTooDeepError` beyond 200 levels, otherwise `SyntaxError`; neither quotes the body
 */
export function parseJson(bytes: Uint8Array): unknown {
  return parseJsonText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
}

/** `parseJson` for a body that is text already. */
export function parseJsonText(text: string): unknown {
  if (mayBeTooDeep(text) && isTooDeep(text)) {
    throw new JsonTooDeepError(`JSON is nested deeper than ${MAX_DEPTH} levels`)
  }
  try {
    return parseKeys(text, LONG_BARE_INTEGER.test(text) ? keepDigits : undefined)
  } catch {
    throw new SyntaxError("not valid JSON")
  }
}

function keepDigits(value: unknown, source: string | undefined): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value
  return source !== undefined && INTEGER.test(source) ? source : value
}

const QUOTE = 0x22
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d

/** A cheap check: every level opens with a bracket, and most bodies have too few brackets to be too deep. */
function mayBeTooDeep(text: string): boolean {
  let opened = 0
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++opened > MAX_DEPTH) return true
    }
  }
  return false
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      if (at === -1) return false
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return false
}
