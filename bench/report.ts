import type { Workload } from "./load/world.ts"
import type { OnehookRates, PeerRates } from "./measures.ts"

export type SizeName = "postgres_redis" | "embedded"

/** The rounds of one workload. Peers are measured once per round and shown with both sizes. */
export interface Rounds {
  peers: PeerRates[]
  postgres_redis: OnehookRates[]
  embedded: OnehookRates[]
}

export type Rates = PeerRates & OnehookRates

const ROWS: readonly (readonly [label: string, value: (rates: Rates) => number, digits: number])[] = [
  ["(a) bare: verify and parse only", ({ bare }) => bare, 0],
  ["(b) direct: forward without a store", ({ direct }) => direct, 0],
  ["(c) jobs: a BullMQ job per delivery", ({ jobs }) => jobs, 0],
  ["(c) the same, on disk before the response", (rates) => rates.jobs_on_disk, 0],
  ["(d) Onehook, ingest alone", ({ ingest }) => ingest, 0],
  ["(d) Onehook, draining alone", ({ drain }) => drain, 0],
  ["(d) Onehook, both at once", ({ both }) => both, 0],
  ["    latency at 500/s, p50 ms", (rates) => rates.latency_p50_ms, 1],
  ["    latency at 500/s, p99 ms", (rates) => rates.latency_p99_ms, 1],
  ["both / direct", ({ both, direct }) => both / direct, 2],
  ["both / jobs", ({ both, jobs }) => both / jobs, 2],
  ["both / jobs on disk", (rates) => rates.both / rates.jobs_on_disk, 2],
  ["ingest / bare", ({ ingest, bare }) => ingest / bare, 2],
]

/** The median of each rate over the rounds, rounded to one decimal. */
export function medians(rounds: Rounds, size: SizeName): Rates {
  const merged = rounds[size].map((rates, i) => ({ ...(rounds.peers[i] as PeerRates), ...rates }))
  const names = Object.keys(merged[0] ?? {}) as (keyof Rates)[]
  const entries = names.map((name) => [name, Math.round(median(merged.map((rates) => rates[name])) * 10) / 10])
  return Object.fromEntries(entries)
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** One table: a row per measurement, a column per size and workload. Rates are webhooks per second. */
export function renderTable(rounds: Record<Workload, Rounds>, sizes: readonly SizeName[]): string {
  const columns = (["simple", "mix"] as const).flatMap((workload) =>
    sizes.map((size) => ({ title: `${workload}, ${size}`, rates: medians(rounds[workload], size) })),
  )
  const lines = [
    ["webhooks per second", ...columns.map(({ title }) => title)],
    ...ROWS.map(([label, value, digits]) => [label, ...columns.map(({ rates }) => format(value(rates), digits))]),
  ]
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(width(0)) : cell.padStart(width(i) + 2))).join(""))
    .join("\n")
}

export function format(value: number, digits = 0): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
