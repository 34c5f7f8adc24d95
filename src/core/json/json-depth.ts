import { endOfString } from "./json-string.ts"

/** Meta nests about ten levels. What is far deeper would overflow the stack of everything that walks it later. */
export const MAX_DEPTH = 200
/**
 * What is too deep is told from here on: far below any item of Meta's, and so far above the limit that a text has few
 * such parts.
 */
const PART_DEPTH = 100

const QUOTE = 0x22
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d

interface Span {
  start: number
  end: number
}

const NONE: readonly Span[] = []

/**
 * Where JSON text is nested deeper than 200 levels: the arrays and objects of level 100 that hold what is, in order.
 */
export function tooDeepParts(text: string): readonly Span[] {
  return mayBeTooDeep(text) ? findParts(text) : NONE
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

function findParts(text: string): Span[] {
  const parts: Span[] = []
  let depth = 0
  let start = 0
  let tooDeep = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      if (at === -1) break
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth++
      if (depth === PART_DEPTH) start = at
      else if (depth > MAX_DEPTH) tooDeep = true
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === PART_DEPTH && tooDeep) {
        parts.push({ start, end: at + 1 })
        tooDeep = false
      }
      depth--
    }
  }
  if (tooDeep) parts.push({ start, end: text.length })
  return parts
}
