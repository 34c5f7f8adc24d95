import { endOfString } from "./json-string.ts"

/** Maps a parsed value; `source` is the source text if the value is neither object nor array. */
type Revive = (value: unknown, source: string | undefined) => unknown

/** The last escape of a key: a backslash, the escaped character, no more escapes, the closing quote and the colon. */
const ESCAPED_KEY = /\\.[^"\\]*"\s*:/
const COLON = /\s*:/y

/**
 * `JSON.parse` that reads every key as written. V8 can give `{"a":1,"\n":1}` the keys of `{"a":1,"\\":1}` after it has
 * parsed the latter (https://github.com/nodejs/node/issues/63785), so if any key has an escape, all are parsed encoded.
 *
 * - errors: `SyntaxError`
 */
export function parseKeys(text: string, revive?: Revive): unknown {
  const isEscaped = text.includes("\\") && ESCAPED_KEY.test(text)
  if (!isEscaped && revive === undefined) return JSON.parse(text)
  const read = (_key: string, value: unknown, context?: { source?: string }) => {
    const decoded = isEscaped ? decodeKeys(value) : value
    return revive === undefined ? decoded : revive(decoded, context?.source)
  }
  return JSON.parse(isEscaped ? encodeKeys(text) : text, read)
}

function encodeKeys(text: string): string {
  let encoded = ""
  let done = 0
  for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', start)) {
    const end = endOfString(text, start) + 1
    if (end === 0) break
    COLON.lastIndex = end
    if (COLON.test(text)) {
      encoded += `${text.slice(done, start)}"${encodeKey(JSON.parse(text.slice(start, end)))}"`
      done = end
    }
    start = end
  }
  return encoded + text.slice(done)
}

function decodeKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [decodeKey(key), each]))
}

/** Only letters and digits for any key, and never only digits, since objects reorder such keys. */
const encodeKey = (key: string) => `k${Buffer.from(key, "utf16le").toString("hex")}`
const decodeKey = (key: string) => Buffer.from(key.slice(1), "hex").toString("utf16le")
