import { InvalidArgumentError } from "commander"
import { UsageError } from "../client/refused.ts"

/** Parses a whole number between two bounds, both allowed. */
export const integer = (low: number, high: number) => (text: string) => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= low && value <= high) return value
  throw new InvalidArgumentError(`Allowed is a whole number from ${low} to ${high}.`)
}

/** Like `integer`, where one word stands for no limit. */
export const integerOr = (word: string, low: number, high: number) => (text: string) =>
  text === word ? null : integer(low, high)(text)

/** Parses `a,b,c`; given twice, both count. */
export const names = (text: string, before: string[] = []) => [
  ...before,
  ...text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== ""),
]

/** Like `names`, where one word stands for no limit. */
export const namesOr = (word: string) => (text: string, before?: string[] | null) =>
  text === word ? null : names(text, before ?? [])

/** Parses waits in seconds, `5,30,120`; `default` for the default. */
export const waits = (text: string) => {
  if (text === "default") return null
  const seconds = names(text).map(Number)
  if (seconds.length > 0 && seconds.every((wait) => Number.isInteger(wait) && wait > 0)) return seconds
  throw new InvalidArgumentError("It looks like 5,30,120: the wait in seconds before each retry; or 'default'.")
}

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Parses a time, or how long ago it was: `90m`, `12h`, `3d`; gives ISO 8601. */
export const moment = (text: string) => {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const ms = count ? Date.now() - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS] : Date.parse(text)
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new InvalidArgumentError("It looks like 2026-01-31T12:00:00Z, or 90m, 12h, 3d for as long ago.")
}

/** Parses `Name: value`, repeatable. */
export const header = (text: string, before: Record<string, string> = {}) => {
  const at = text.indexOf(":")
  // Of an InvalidArgumentError commander repeats what was given, which may be a credential.
  if (at < 1) throw new UsageError("a --header looks like 'Name: value'")
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() }
}

export const PLATFORMS = ["facebook", "instagram", "whatsapp"] as const
