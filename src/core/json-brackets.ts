import { endOfString } from "./json-string.ts"

const QUOTE = 0x22
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d

/**
 * Visits the brackets of JSON text outside of strings, until it is told to stop: with how many are open, the one visited
 * among them, and whether it is the one that opens.
 */
export function eachBracket(text: string, visit: (depth: number, opens: boolean, at: number) => boolean): void {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      if (at === -1) return
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (!visit(++depth, true, at)) return
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (!visit(depth--, false, at)) return
    }
  }
}
