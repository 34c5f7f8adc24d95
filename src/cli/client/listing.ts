import type { Command } from "commander"
import { integer, moment } from "../input/parse.ts"
import type { Json, Query } from "./api.ts"
import type { Session } from "./session.ts"

/** Adds the paging options of list commands. */
export function withPages(command: Command): Command {
  return command
    .option("--limit <n>", "items per page, 1 to 250", integer(1, 250))
    .option("--cursor <cursor>", "start after this cursor of the previous page")
    .option("--all", "fetch all pages")
}

/** Adds the options that filter by time; `happened` is `received` or `created`. */
export function withTimes(command: Command, happened: string): Command {
  return command
    .option("--after <time>", `${happened} at or after: ISO 8601, or an age such as 90m, 12h, 3d`, moment)
    .option("--before <time>", `${happened} before (same formats)`, moment)
}

/** One page, or with --all all pages merged into one. */
export async function fetchList({ api, options }: Session, path: string, filter: Query = {}): Promise<Json> {
  const query = { ...filter, limit: options.limit ?? (options.all ? 250 : undefined), cursor: options.cursor }
  const first = await api.get(path, query)
  if (!options.all) return first
  const data = [...((first.data ?? []) as Json[])]
  for (let cursor = first.next_cursor; typeof cursor === "string"; ) {
    const next = await api.get(path, { ...query, cursor })
    data.push(...((next.data ?? []) as Json[]))
    cursor = next.next_cursor
  }
  return { data, next_cursor: null }
}
