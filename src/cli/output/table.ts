import type { Json } from "../client/api.ts"

/** A column is a key of the row, or a title with a function that returns the cell. */
export type Columns = readonly (string | readonly [title: string, cell: (row: Json) => unknown])[]

const CELL_LIMIT = 60

/** Columns aligned under their titles, two spaces apart, without control characters. */
export function formatTable(rows: readonly Json[], columns: Columns): string {
  const titles = columns.map((column) => (typeof column === "string" ? column : column[0]))
  const cells = rows.map((row) =>
    columns.map((column) => clip(toText(typeof column === "string" ? row[column] : column[1](row)))),
  )
  return align([titles, ...cells])
}

/** One field per line; nested values as JSON. */
export function formatFields(value: Json): string {
  return align(Object.entries(value).map(([key, field]) => [key, toText(field)]))
}

/** Aligns the columns of lines that have equally many of them. */
export function align(lines: readonly (readonly string[])[]): string {
  const widest = (i: number) => Math.max(...lines.map((line) => width(line[i] ?? "")))
  const widths = (lines[0] ?? []).map((_, i) => widest(i))
  const pad = (cell: string, i: number) => cell + " ".repeat((widths[i] ?? 0) - width(cell))
  return lines.map((line) => `${line.map(pad).join("  ").trimEnd()}\n`).join("")
}

/** A value as one line of plain text: no control characters, times without fractions. */
export function toText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "-"
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.map(toText).join(",") || "-"
  if (typeof value === "object") return plain(JSON.stringify(value))
  return plain(String(value)).replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z$/, "$1Z")
}

// C0, C1 and bidirectional controls: text from a contact must not control the terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are removed
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g
const plain = (text: string) => text.replace(UNPRINTABLE, " ")

const width = (text: string) => [...text].length
const clip = (text: string) => (width(text) > CELL_LIMIT ? `${[...text].slice(0, CELL_LIMIT - 1).join("")}…` : text)
