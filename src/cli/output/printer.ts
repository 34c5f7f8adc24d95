import type { Json } from "../client/api.ts"
import type { Io } from "../io.ts"
import { type Columns, formatFields, formatTable } from "./table.ts"

export type Printer = ReturnType<typeof createPrinter>

/** Prints results: tables for people, or one JSON document for programs. */
export function createPrinter({ out, err }: Pick<Io, "out" | "err">, json: boolean) {
  return {
    json,
    /** One page of a list, as the API returns it. */
    list(page: Json, columns: Columns): void {
      const rows = (page.data ?? []) as Json[]
      if (json) out(asJson(page))
      else if (rows.length === 0) err("none\n")
      else out(formatTable(rows, columns))
      if (!json && page.next_cursor) err(`more items: pass --cursor ${page.next_cursor}, or --all\n`)
    },
    /** One object; `text` replaces its fields in output for people. */
    one(value: Json, text?: string): void {
      out(json ? asJson(value) : (text ?? formatFields(value)))
    },
    /** A note, omitted from JSON output. */
    note(text: string): void {
      if (!json) err(`${text}\n`)
    },
  }
}

const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
