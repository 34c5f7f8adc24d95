/** One of several JSON texts in a file, with where it begins. */
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
 * Takes apart a file of bodies: one, one a line, or one after the other.
 *
 * What is no object or array counts as one body to the end of its line, and what is not closed to the end of the file;
 * parsing tells what is wrong with them.
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

/** Index after the body that begins at `start`. */
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
