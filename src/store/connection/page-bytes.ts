/** A page ends with the row that reaches so many bytes: one may have megabytes, and a page 250 of them. */
const PAGE_BYTES = 1_048_576

interface Bounded {
  /** The statement that finds the rows, in order and with its limit. */
  found: string
  /** What is wanted of a row beside its content. */
  columns: string
  /** The column that may be big; null from where the page is full by its bytes. */
  content: string
  /** As in `found`. */
  order: string
}

/** Lengths are told without reading the content, and that beyond the page is not read. */
export function boundedPage({ found, columns, content, order }: Bounded): string {
  return `
select ${columns}, case when before < ${PAGE_BYTES} then ${content} end as ${content}
from (
  select *, sum(octet_length(${content})) over (order by ${order} rows unbounded preceding) - octet_length(${content}) as before
  from (${found}) found
) page
order by page.${order}`
}

/** The rows of such a page that came with their content. */
export function withContent<Row, Key extends keyof Row>(rows: readonly Row[], content: Key) {
  return rows.filter((row): row is Row & Record<Key, NonNullable<Row[Key]>> => row[content] !== null)
}
