/** One of several JSON texts in a file, and where it starts. */
export interface BodyText {
  text: string
  /** From 0, in bytes of UTF-8. */
  offset: number
  /** Both from 1. */
  line: number
  column: number
}

const SPACE = /\s/
const BOM = "\ufeff"

/**
 * Splits a file into bodies: a single one, one per line, or several in a row.
 *
 * Text that is not an object or array counts as one body up to the end of its line, an unclosed body up to the end of
 * the file; parsing them reports what is wrong.
 */
export function* splitBodies(file: string): Generator<BodyText> {
  let line = 1
  let lineStart = 0
  let offset = 0
  let counted = 0
  for (let at = file.startsWith(BOM) ? 1 : 0; at < file.length; at++) {
    const char = file.charAt(at)
    if (char === "\n") {
      line++
      lineStart = at + 1
    }
    if (SPACE.test(char)) continue
    const end = endOfBody(file, at)
    const text = file.slice(at, end)
    offset += Buffer.byteLength(file.slice(counted, at))
    counted = at
    yield { text: text.trimEnd(), offset, line, column: at - lineStart + 1 }
    for (let each = text.indexOf("\n"); each !== -1; each = text.indexOf("\n", each + 1)) {
      line++
      lineStart = at + each + 1
    }
    at = end - 1
  }
}

/** The index after the body that starts at `start`. */
function endOfBody(file: string, start: number): number {
  const first = file.charAt(start)
  if (first !== "{" && first !== "[") {
    const end = file.indexOf("\n", start)
    return end === -1 ? file.length : end
  }
  let depth = 0
  let inString = false
  for (let at = start; at < file.length; at++) {
    const char = file.charAt(at)
    if (inString) {
      if (char === "\\") at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === "{" || char === "[") depth++
    else if ((char === "}" || char === "]") && --depth === 0) return at + 1
  }
  return file.length
}
