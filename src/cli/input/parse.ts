import { InvalidArgumentError } from "commander"
import { UsageError } from "../client/refused.ts"

/** Parses a whole number between two inclusive bounds. */
export const integer = (low: number, high: number) => (text: string) => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= low && value <= high) return value
  throw new InvalidArgumentError(`Use a whole number from ${low} to ${high}.`)
}

/** Like `integer`, but one word means no limit. */
export const integerOr = (word: string, low: number, high: number) => (text: string) =>
  text === word ? null : integer(low, high)(text)

/** Commander turns a parser's null into "". */
export function orNull<T>(value: T | ""): T | null {
  return value === "" ? null : value
}

/** Parses `a,b,c`; a repeated option adds to the list. */
export const names = (text: string, before: string[] = []) => [
  ...before,
  ...text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== ""),
]

/** Like `names`, but one word means no limit. */
export const namesOr = (word: string) => (text: string, before?: string[] | null) =>
  text === word ? null : names(text, before ?? [])

/** Parses waits in seconds, `5,30,120`; `default` for the default. */
export const waits = (text: string) => {
  if (text === "default") return null
  const seconds = names(text).map(Number)
  if (seconds.length > 0 && seconds.every((wait) => Number.isInteger(wait) && wait > 0)) return seconds
  throw new InvalidArgumentError("Use a list such as 5,30,120 (seconds before each retry), or 'default'.")
}

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Parses a time, or an age such as `90m`, `12h`, `3d`. @returns ISO 8601 */
export const moment = (text: string) => {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const ms = count ? Date.now() - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS] : Date.parse(text)
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new InvalidArgumentError("Use a time such as 2026-01-31T12:00:00Z, or an age such as 90m, 12h, 3d.")
}

/** Parses `Name: value`; repeatable. */
export const header = (text: string, before: Record<string, string> = {}) => {
  const at = text.indexOf(":")
  // Not InvalidArgumentError: commander would print the given value, which may be a credential.
  if (at < 1) throw new UsageError("--header must have the form 'Name: value'")
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() }
}

export const PLATFORMS = ["facebook", "instagram", "whatsapp"] as const
