const BACKSLASH = 0x5c

/** Index of the quote that closes the JSON string opened at `start`; -1 if it is not closed. */
export function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1)
  while (at !== -1) {
    let before = at - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((at - before) % 2 === 1) return at
    at = text.indexOf('"', at + 1)
  }
  return -1
}
