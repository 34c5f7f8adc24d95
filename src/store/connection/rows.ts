import type { Page, PageRequest } from "../../core/api/resources/common.ts"

/** ISO 8601 in UTC, as the API shows times. */
export function iso(time: Date | string): string {
  return new Date(time).toISOString()
}

export function isoOrNull(time: Date | string | null): string | null {
  return time === null ? null : iso(time)
}

/**
 * Makes a page from the rows of a query with `limit n + 1`.
 *
 * @param keyOf the key that the list is ordered by
 */
export function toPage<R, T>(
  rows: R[],
  { limit }: PageRequest,
  keyOf: (row: R) => string,
  map: (row: R) => T,
): Page<T> {
  return pageOf(rows.slice(0, limit), rows.length > limit, keyOf, map)
}

/** @param hasMore whether there are more rows after these */
export function pageOf<R, T>(rows: R[], hasMore: boolean, keyOf: (row: R) => string, map: (row: R) => T): Page<T> {
  const last = rows.at(-1)
  return { data: rows.map(map), next: hasMore && last !== undefined ? keyOf(last) : null }
}

/**
 * The `a = $3, b = $4` of an update, for the columns whose value is not undefined.
 *
 * @param first the number of the first parameter
 * @returns null if there is no such column
 */
export function assignments(columns: Record<string, unknown>, first: number) {
  const given = Object.entries(columns).filter(([, value]) => value !== undefined)
  if (given.length === 0) return null
  return {
    text: given.map(([name], index) => `${name} = $${first + index}`).join(", "),
    values: given.map(([, value]) => value),
  }
}
