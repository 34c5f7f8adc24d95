/** A page ends with the row that reaches this size. A row may have megabytes, and a page up to 250 rows. */
const PAGE_BYTES = 1_048_576

interface Bounded {
  /** The statement that finds the rows, in order and with its limit. */
  found: string
  /** The columns to return beside the content. */
  columns: string
  /** The column that may be large; null in the rows after the page is full. */
  content: string
  /** As in `found`. */
  order: string
}

/** Postgres knows a value's length without reading it, so content beyond the page is not read. */
export function boundedPage({ found, columns, content, order }: Bounded): string {
  return `
select ${columns}, case when before < ${PAGE_BYTES} then ${content} end as ${content}
from (
  select *, sum(octet_length(${content})) over (order by ${order} rows unbounded preceding) - octet_length(${content}) as before
  from (${found}) found
) page
order by page.${order}`
}

/** The rows of a bounded page that have their content. */
export function withContent<Row, Key extends keyof Row>(rows: readonly Row[], content: Key) {
  return rows.filter((row): row is Row & Record<Key, NonNullable<Row[Key]>> => row[content] !== null)
}
