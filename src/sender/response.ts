/** The statuses with which `Retry-After` is obeyed. */
const WAIT_STATUSES = new Set([429, 503])

/** IMF-fixdate, and the older form with the full name of the day. */
const DATE_IN_GMT = /^[A-Z][a-z]+, \d{2}[ -][A-Z][a-z]{2}[ -](\d{4}|\d{2}) \d{2}:\d{2}:\d{2} GMT$/
/** As C's asctime writes it. It names no zone and means GMT. */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/
/** As seconds to wait, more than 31 years: it is a Unix time, which some services send, in seconds. */
const FIRST_UNIX_TIME = 1_000_000_000

/**
 * `Retry-After` in milliseconds from now; null if there is none to obey.
 *
 * - shape: whole seconds, or an HTTP date in one of its three forms; a time in the past gives 0; anything else is
 * ignored
 * - source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(status: number, header: string | string[] | undefined, nowMs: number): number | null {
  if (header === undefined || !WAIT_STATUSES.has(status)) return null
  const value = (typeof header === "string" ? header : (header[0] ?? "")).trim()
  if (/^\d{1,10}$/.test(value) && Number(value) < FIRST_UNIX_TIME) return Number(value) * 1000
  const dateMs = timeOf(value)
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs)
}

function timeOf(value: string): number {
  if (/^\d{10}$/.test(value)) return Number(value) * 1000
  if (DATE_IN_GMT.test(value)) return Date.parse(value)
  return ASCTIME.test(value) ? Date.parse(`${value} GMT`) : Number.NaN
}

/**
 * The first bytes of a body as text that Postgres can store, at most `maxBytes` in UTF-8. Invalid UTF-8 and NUL become
 * U+FFFD; a character that the limit would split is dropped.
 */
export function excerptOf(chunks: readonly Uint8Array[], maxBytes: number): string {
  if (chunks.length === 0) return ""
  const text = decode(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), maxBytes)
  const clean = text.includes("\0") ? text.replaceAll("\0", "\ufffd") : text
  return clean.length * 3 <= maxBytes ? clean : decode(Buffer.from(clean), maxBytes)
}

function decode(bytes: Uint8Array, maxBytes: number): string {
  if (bytes.length < maxBytes) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  return new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true })
}
