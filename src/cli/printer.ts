import type { Json } from "./api.ts"
import type { Io } from "./io.ts"
import { type Columns, formatFields, formatTable } from "./table.ts"

export type Printer = ReturnType<typeof createPrinter>

/** Answers to the terminal: tables for people, or one JSON document for programs. */
export function createPrinter({ out, err }: Pick<Io, "out" | "err">, json: boolean) {
  const printJson = (value: unknown) => out(`${JSON.stringify(value, null, 2)}\n`)
  return {
    json,
    /** One page of a list, as the API answers it. */
    list(answer: Json, columns: Columns) {
      if (json) return printJson(answer)
      const rows = (answer.data ?? []) as Json[]
      if (rows.length === 0) return err("none\n")
      out(formatTable(rows, columns))
      if (answer.next_cursor) err(`more: --cursor ${answer.next_cursor}, or --all\n`)
    },
    /** One object; `text` is what people read instead of its keys. */
    one(value: Json, text?: string) {
      if (json) printJson(value)
      else out(text ?? formatFields(value))
    },
    /** Something only people want to know. */
    note(text: string) {
      if (!json) err(`${text}\n`)
    },
  }
}
