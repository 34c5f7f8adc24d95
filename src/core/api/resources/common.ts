import { z } from "zod"

const DEFAULT_PAGE_LIMIT = 50
const MAX_PAGE_LIMIT = 250

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const NO_CONTROL = /^[^\x00-\x1f\x7f]*$/

/** One line of text. Postgres cannot store a NUL, and other control characters could affect a terminal. */
export function line(max: number, min = 0) {
  const schema = z.string().max(max).regex(NO_CONTROL, "must not contain control characters")
  return min > 0 ? schema.min(min) : schema
}

export const PageId = z
  .string({
    error: (issue) =>
      typeof issue.input === "number" ? "must be a string: a number of this size loses digits" : undefined,
  })
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 digits or letters, as Meta shows the id")

/** An object's id as a client gives it. A text of another shape cannot be the id of an object. */
export const Id = z
  .string()
  .regex(
    /^(?:[a-z]{2,5}_[A-Za-z0-9_]{1,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
    "must be an id, such as those that this API gives",
  )

/** A time that Postgres can store, converted to UTC, since Postgres does not accept every offset. */
export const Time = z.iso
  .datetime({ offset: true, abort: true })
  .refine(isInYears1970To9999, "must be a time in the years 1970 to 9999, in UTC")
  .overwrite((text) => new Date(text).toISOString())

function isInYears1970To9999(time: string): boolean {
  const year = new Date(time).getUTCFullYear()
  return year >= 1970 && year <= 9999
}

export const PageQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_PAGE_LIMIT)
    .default(DEFAULT_PAGE_LIMIT)
    .meta({ description: "The maximum number of items." }),
  cursor: z.string().max(500).optional().meta({ description: "`next_cursor` of the previous page." }),
})

export type PageQuery = z.output<typeof PageQuery>

/** How long a rotated key or secret stays valid beside the new one. */
export const OverlapHours = z.int().min(0).max(168).default(24)

/** One page of a list; `next_cursor` is null at the end. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), next_cursor: z.string().nullable() })
}

/** The page of a list to read: how many rows, and the key of the last row already shown. */
export interface PageRequest {
  limit: number
  after: string | null
}

/** `next` is the key after which the next page begins, or null at the end. */
export interface Page<T> {
  data: T[]
  next: string | null
}
