import { randomUUID } from "node:crypto"
import { isTooDeep, MAX_DEPTH, parseShallow } from "./json.ts"
import { eachBracket } from "./json-brackets.ts"

/**
 * What is nested too deep is cut off from here on: far below any item of Meta's, and so far above the limit that a body
 * cannot have many such parts.
 */
const CUT_DEPTH = 100

/** Part of a body, as the text that it was; as JSON it is that text. */
export class TooDeep {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
  toJSON(): string {
    return this.source
  }
}

export interface Body {
  body: unknown
  /** Some of it is `TooDeep`. */
  isCut: boolean
}

/**
 * As `parseJson`, but what is nested too deep costs nothing but itself.
 *
 * - errors: `SyntaxError`; it does not quote the body
 */
export function parseBody(bytes: Uint8Array): Body {
  return parseBodyText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
}

/** `parseBody` for a body that is text already. */
export function parseBodyText(text: string): Body {
  if (!isTooDeep(text)) return { body: parseShallow(text), isCut: false }
  // Nobody who writes a body can know it.
  const mark = randomUUID()
  const cut = cutOff(text, mark)
  const restore = (value: string) =>
    value.startsWith(mark) ? new TooDeep(cut.sources[Number(value.slice(mark.length))] ?? "") : value
  return { body: parseShallow(cut.text, restore), isCut: true }
}

export function holdsTooDeep(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false
  return value instanceof TooDeep || Object.values(value).some(holdsTooDeep)
}

/** The text with a mark and a number in the place of each part that is too deep. */
function cutOff(text: string, mark: string): { text: string; sources: string[] } {
  const sources: string[] = []
  let shallow = ""
  let done = 0
  let start = 0
  let tooDeep = false
  eachBracket(text, (depth, opens, at) => {
    if (depth > MAX_DEPTH) tooDeep = true
    if (depth !== CUT_DEPTH) return true
    if (opens) start = at
    else if (tooDeep) {
      shallow += `${text.slice(done, start)}"${mark}${sources.push(checked(text.slice(start, at + 1))) - 1}"`
      done = at + 1
      tooDeep = false
    }
    return true
  })
  return { text: shallow + text.slice(done), sources }
}

function checked(source: string): string {
  try {
    JSON.parse(source)
  } catch {
    throw new SyntaxError("not valid JSON")
  }
  return source
}
