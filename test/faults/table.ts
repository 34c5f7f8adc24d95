import type { Account, Fault } from "./fault.ts"

const COLUMNS = [
  "sent",
  "acknowledged",
  "delivered",
  "duplicated",
  "lost",
  "away_s",
  "recovered_s",
] as const satisfies readonly (keyof Account)[]

/** Renders one row per fault: what was sent, what became of it, and how long it took. */
export function renderTable(
  faults: readonly Fault[],
  rows: Readonly<Record<string, Account | { failed: string }>>,
): string {
  const lines = [
    ["fault", ...COLUMNS.map((name) => name.replace("_", " ")), "note"],
    ...faults.map(({ name, title }) => {
      const row = rows[name]
      if (row === undefined || "failed" in row) return [title, ...COLUMNS.map(() => ""), `FAILED: ${row?.failed}`]
      return [title, ...COLUMNS.map((column) => String(row[column] ?? "–")), row.note]
    }),
  ]
  const widths = ["", ...COLUMNS].map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  const cell = (text: string, i: number) => (i === 0 || i > COLUMNS.length ? text : text.padStart((widths[i] ?? 0) + 2))
  return lines
    .map((line) =>
      line
        .map((text, i) => cell(i === 0 ? text.padEnd(widths[0] ?? 0) : i > COLUMNS.length ? `  ${text}` : text, i))
        .join(""),
    )
    .join("\n")
}
