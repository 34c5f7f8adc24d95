/**
 * Lenient readers for Meta's payloads: everything may be missing, and a value of an unexpected type counts as
 * missing, so that one odd key never loses its message.
 *
 * Not zod, which validates what we send: nothing here can fail, and zod schemas that cannot fail took most of the
 * time of a webhook (`npm run bench:normalize` measures it).
 */
type Reader<T> = (value: unknown) => T | undefined
type Readers = Readonly<Record<string, Reader<unknown>>>

/** The type that a reader returns for a value that is present. */
export type Parsed<R> = R extends Reader<infer T> ? T : never

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

const SMALL = 4000

/**
 * Is the value short enough to be repeated with every item of its change? Meta's are far shorter; without the bound a
 * body could grow quadratically.
 */
export function isSmall(value: unknown): boolean {
  return rest(value, SMALL) >= 0
}

/** The rest of a budget of characters and keys. */
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

/** Longer than any id of Meta's, shorter than a row of a Postgres index may be. */
const MAX_ID_LENGTH = 512
/** Same as `\p{Cc}`, but faster. */
const CONTROL = /[^ -~\u00a0-\uffff]/

/**
 * An id as Meta sent it. A number beyond 2^53 has lost digits, so it counts as missing: no id is better than a wrong
 * one.
 */
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
 * Meta's times in Unix milliseconds. They are numbers or strings, in seconds or milliseconds (told apart by
 * magnitude), rarely ISO 8601; all four occur in one product.
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

export const text: Reader<string> = (value) => (typeof value === "string" ? value : undefined)
export const flag: Reader<boolean> = (value) => (typeof value === "boolean" ? value : undefined)
export const id: Reader<string> = (value) => toId(value)
export const number: Reader<number> = toNumber
export const integer: Reader<number> = toInteger
export const ms: Reader<number> = (value) => toMs(value)
export const seconds: Reader<number> = toSeconds
export const anything: Reader<unknown> = (value) => value

/** The known keys of an object, looked up among the keys that it has, which are usually fewer. */
export function object<S extends Readers>(shape: S) {
  type Value = { [K in keyof S]?: Parsed<S[K]> | undefined }
  const readers = new Map(Object.entries(shape))
  function parse(given: JsonObject): Value {
    const value: Record<string, unknown> = {}
    for (const key in given) {
      const read = readers.get(key)
      if (read !== undefined) value[key] = read(given[key])
    }
    return value as Value
  }
  const read: Reader<Value> = (value) => (isObject(value) ? parse(value) : undefined)
  return Object.assign(read, { parse })
}

/** Elements of another type are left out. */
export function list<T>(read: Reader<T>): Reader<NonNullable<T>[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined
    return value.map(read).filter((each) => each !== undefined && each !== null) as NonNullable<T>[]
  }
}
