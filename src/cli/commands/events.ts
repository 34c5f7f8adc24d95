import type { Command } from "commander"
import { type Json, path } from "../client/api.ts"
import { eventFilter, withEventFilter } from "../client/event-filter.ts"
import { fetchList, withPages, withTimes } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import type { Io } from "../io.ts"

const COLUMNS = [
  ["time", (row: Json) => (typeof row.timestamp === "number" ? new Date(row.timestamp * 1000).toISOString() : null)],
  "id",
  "platform",
  "event",
  "page_id",
  "from",
  ["text", ({ message }: Json) => (message as Json | undefined)?.body],
] as const
const FAULT_COLUMNS = ["id", "received_at", "app_id", "platform", "path", "reason"]

export function registerEvents(program: Command, io: Io) {
  const group = program.command("events").description("read normalized events")
  withApi(
    withPages(withTimes(withEventFilter(group.command("list").description("list events, newest first")), "received")),
  ).action(
    inSession(io, async (session) => {
      const { after, before } = session.options
      const filter = { ...eventFilter(session.options), after, before }
      session.print.list(await fetchList(session, path("events"), filter), COLUMNS)
    }),
  )
  withApi(group.command("get <id>").description("show an event as it is delivered")).action(
    inSession(io, async ({ api, print }, id: string) => {
      const event = await api.get(path("events", id))
      print.one(event, `${JSON.stringify(event, null, 2)}\n`)
    }),
  )
  withApi(withPages(group.command("faults").description("list items that could not become events (operator)"))).action(
    inSession(io, async (session) => session.print.list(await fetchList(session, path("faults")), FAULT_COLUMNS)),
  )
  withApi(group.command("delete-fault <id>").description("delete one of these items (operator)")).action(
    inSession(io, async ({ api, print }, id: string) => {
      await api.delete(path("faults", id))
      print.one({ id, deleted: true }, `deleted ${id}\n`)
    }),
  )
}
