import { eachBracket } from "./json-brackets.ts"
import { parseKeys } from "./json-keys.ts"

/** Meta nests about ten levels. What is far deeper would overflow the stack of everything that walks it later. */
export const MAX_DEPTH = 200

/**
 * Beyond 2^53, or nearly. Only a bare number can follow one of these; inside a string it costs a slower parse, never a
 * wrong one.
 */
const LONG_BARE_INTEGER = /(?:^|[:,[\s])-?(?:9\d{15}|\d{17})/
const INTEGER = /^-?\d+$/

export class JsonTooDeepError extends SyntaxError {
  override readonly name = "JsonTooDeepError"
}

/**
 * `JSON.parse` for bodies of others.
 *
 * - a bare integer that JavaScript cannot hold comes out as the string of its source text: ids keep every digit
 * - invalid UTF-8 becomes U+FFFD, as with `Buffer.toString`
 * - errors: `JsonTooDeepError` beyond 200 levels, otherwise `SyntaxError`; neither quotes the body
 */
export function parseJson(bytes: Uint8Array): unknown {
  return parseJsonText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
}

/** `parseJson` for a body that is text already. */
export function parseJsonText(text: string): unknown {
  if (isTooDeep(text)) throw new JsonTooDeepError(`JSON is nested deeper than ${MAX_DEPTH} levels`)
  return parseShallow(text)
}

/**
 * What is known not to be too deep; `reviveText` makes something else of texts.
 *
 * - errors: `SyntaxError`
 */
export function parseShallow(text: string, reviveText?: (text: string) => unknown): unknown {
  const keep = LONG_BARE_INTEGER.test(text) ? keepDigits : (value: unknown) => value
  const revive = (value: unknown, source: string | undefined) =>
    reviveText !== undefined && typeof value === "string" ? reviveText(value) : keep(value, source)
  try {
    return parseKeys(text, reviveText === undefined && keep !== keepDigits ? undefined : revive)
  } catch {
    throw new SyntaxError("not valid JSON")
  }
}

function keepDigits(value: unknown, source: string | undefined): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value
  return source !== undefined && INTEGER.test(source) ? source : value
}

export function isTooDeep(text: string): boolean {
  if (!mayBeTooDeep(text)) return false
  let tooDeep = false
  eachBracket(text, (depth) => {
    tooDeep = depth > MAX_DEPTH
    return !tooDeep
  })
  return tooDeep
}

/** Every level opens with a bracket, and most bodies have too few of them for a closer look. */
function mayBeTooDeep(text: string): boolean {
  let opened = 0
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++opened > MAX_DEPTH) return true
    }
  }
  return false
}
