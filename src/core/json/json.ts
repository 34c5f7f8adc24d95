import { MAX_DEPTH, tooDeepParts } from "./json-depth.ts"
import { parseKeys } from "./json-keys.ts"

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
  if (tooDeepParts(text).length > 0) throw new JsonTooDeepError(`JSON is nested deeper than ${MAX_DEPTH} levels`)
  return parseShallow(text)
}

/**
 * What is known not to be too deep; `reviveText` makes something else of texts.
 *
 * - errors: `SyntaxError`
 */
export function parseShallow(text: string, reviveText?: (text: string) => unknown): unknown {
  const keep = LONG_BARE_INTEGER.test(text) ? keepDigits : undefined
  try {
    return parseKeys(text, reviveText === undefined ? keep : revival(reviveText, keep))
  } catch {
    throw new SyntaxError("not valid JSON")
  }
}

function revival(reviveText: (text: string) => unknown, keep: typeof keepDigits | undefined) {
  return (value: unknown, source: string | undefined) => {
    if (typeof value === "string") return reviveText(value)
    return keep === undefined ? value : keep(value, source)
  }
}

function keepDigits(value: unknown, source: string | undefined): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value
  return source !== undefined && INTEGER.test(source) ? source : value
}
