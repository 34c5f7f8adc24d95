import type { Json } from "../client/api.ts"
import type { Io } from "../io.ts"
import { type Columns, formatFields, formatTable } from "./table.ts"

export type Printer = ReturnType<typeof createPrinter>

/** Answers to the terminal: tables for people, or one JSON document for programs. */
export function createPrinter({ out, err }: Pick<Io, "out" | "err">, json: boolean) {
  return {
    json,
    /** One page of a list, as the API answers it. */
    list(answer: Json, columns: Columns): void {
      const rows = (answer.data ?? []) as Json[]
      if (json) out(asJson(answer))
      else if (rows.length === 0) err("none\n")
      else out(formatTable(rows, columns))
      if (!json && answer.next_cursor) err(`more: --cursor ${answer.next_cursor}, or --all\n`)
    },
    /** One object; `text` is what people read instead of its keys. */
    one(value: Json, text?: string): void {
      out(json ? asJson(value) : (text ?? formatFields(value)))
    },
    /** Something only people want to know. */
    note(text: string): void {
      if (!json) err(`${text}\n`)
    },
  }
}

const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
