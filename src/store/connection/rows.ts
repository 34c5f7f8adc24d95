import type { Page, PageRequest } from "../../core/api/resources/common.ts"

/** Drivers give a Date; the API gives ISO 8601 UTC. */
export function iso(time: Date | string): string {
  return new Date(time).toISOString()
}

export function isoOrNull(time: Date | string | null): string | null {
  return time === null ? null : iso(time)
}

/**
 * Cuts what a statement with `limit n + 1` gave into a page.
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

/** @param goesOn is there more behind these rows? */
export function pageOf<R, T>(rows: R[], goesOn: boolean, keyOf: (row: R) => string, map: (row: R) => T): Page<T> {
  const last = rows.at(-1)
  return { data: rows.map(map), next: goesOn && last !== undefined ? keyOf(last) : null }
}

/**
 * `a = $3, b = $4` for the columns that are given; `set updated_at = …` and the like are the caller's.
 *
 * @param first the number of the first parameter
 * @returns null where nothing is given
 */
export function assignments(columns: Record<string, unknown>, first: number) {
  const given = Object.entries(columns).filter(([, value]) => value !== undefined)
  if (given.length === 0) return null
  return {
    text: given.map(([name], index) => `${name} = $${first + index}`).join(", "),
    values: given.map(([, value]) => value),
  }
}
