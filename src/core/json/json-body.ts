import { randomUUID } from "node:crypto"
import { parseShallow } from "./json.ts"
import { tooDeepParts } from "./json-depth.ts"

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
  const parts = tooDeepParts(text)
  if (parts.length === 0) return { body: parseShallow(text), isCut: false }
  // Nobody who writes a body can know it.
  const mark = randomUUID()
  let shallow = ""
  let done = 0
  const sources = parts.map(({ start, end }, index) => {
    shallow += `${text.slice(done, start)}"${mark}${index}"`
    done = end
    return checked(text.slice(start, end))
  })
  shallow += text.slice(done)
  const restore = (value: string) =>
    value.startsWith(mark) ? new TooDeep(sources[Number(value.slice(mark.length))] ?? "") : value
  return { body: parseShallow(shallow, restore), isCut: true }
}

/** Whether something in a value was cut off. */
export function holdsTooDeep(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false
  return value instanceof TooDeep || Object.values(value).some(holdsTooDeep)
}

function checked(source: string): string {
  try {
    JSON.parse(source)
  } catch {
    throw new SyntaxError("not valid JSON")
  }
  return source
}
