import * as z from "zod"

/**
 * Building blocks for payloads as Meta sends them. Lenient: everything may be missing, and a value of another type than
 * expected counts as missing, so that one odd key never loses its message.
 */
function read<T>(of: (value: unknown) => T | undefined) {
  return z.unknown().transform(of).optional()
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

const SMALL = 4000

/**
 * Whether a value is short enough to be repeated with every item of its change. Meta's are far shorter; without the bound
 * a body could grow quadratically.
 */
export function isSmall(value: unknown): boolean {
  return rest(value, SMALL) >= 0
}

/** What remains of a budget of characters and keys. */
function rest(value: unknown, budget: number): number {
  if (typeof value === "string") return budget - value.length
  if (typeof value !== "object" || value === null) return budget - 1
  let left = budget
  for (const key in value) {
    left = rest((value as JsonObject)[key], left - key.length - 1)
    if (left < 0) break
  }
  return left
}

/** Longer than any id of Meta's, shorter than what an index row of Postgres holds. */
const MAX_ID_LENGTH = 512
const CONTROL = /\p{Cc}/u

/** An id as Meta sent it. A number beyond 2^53 has lost digits already: better no id than a wrong one. */
export function toId(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value !== "string" || value === "" || value.length > MAX_ID_LENGTH) return undefined
  return CONTROL.test(value) ? undefined : value
}

function toNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
}

function toInteger(value: unknown): number | undefined {
  const number = toNumber(value)
  return Number.isSafeInteger(number) ? number : undefined
}

const YEAR_10000_MS = 253_402_300_800_000
const ISO_DATE = /^\d{4}-\d\d-\d\dT/

/**
 * Meta's times as unix milliseconds. They come as numbers and strings, in seconds or milliseconds (told apart by
 * magnitude), rarely as ISO 8601; all four occur in one product.
 */
export function toMs(value: unknown): number | undefined {
  const given = typeof value === "string" && ISO_DATE.test(value) ? Date.parse(value) : toNumber(value)
  if (given === undefined || !(given > 0)) return undefined
  const ms = Math.floor(given < 1e11 ? given * 1000 : given)
  return ms < YEAR_10000_MS ? ms : undefined
}

function toSeconds(value: unknown): number | undefined {
  const ms = toMs(value)
  return ms === undefined ? undefined : Math.floor(ms / 1000)
}

export const text = read((value) => (typeof value === "string" ? value : undefined))
export const flag = read((value) => (typeof value === "boolean" ? value : undefined))
export const id = read(toId)
export const number = read(toNumber)
export const integer = read(toInteger)
export const ms = read(toMs)
export const seconds = read(toSeconds)
export const anything = z.unknown().optional()

export function object<S extends z.core.$ZodLooseShape>(shape: S) {
  return z.object(shape).optional().catch(undefined)
}

/** Elements that are not what the list holds are left out. */
export function list<E extends z.ZodType>(element: E) {
  return read((value): NonNullable<z.output<E>>[] | undefined => {
    if (!Array.isArray(value)) return undefined
    return value.map((each) => element.safeParse(each).data).filter((each) => each !== undefined && each !== null)
  })
}
