import { type Command, Option } from "commander"
import { type Json, path } from "../client/api.ts"
import { fetchList, withPages, withTimes } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import type { Io } from "../io.ts"
import { formatFields, formatTable } from "../output/table.ts"

const COLUMNS = ["id", "state", "event", "endpoint_id", "attempts", "due_at", "finished_at"]
const STATES = ["pending", "held", "delivered", "exhausted", "canceled"]
const ATTEMPT_COLUMNS = [
  "number",
  "trigger",
  "started_at",
  ["ms", (row: Json) => row.duration_ms],
  "outcome",
  "status",
  "verdict",
  "next_attempt_at",
  "error",
] as const

export function registerDeliveries(program: Command, io: Io) {
  const group = program.command("deliveries").description("read and retry deliveries of events to endpoints")
  withApi(
    withPages(
      withTimes(
        group
          .command("list")
          .description("list deliveries, newest first")
          .option("--endpoint <id>", "only this endpoint")
          .addOption(new Option("--state <state>", "only this state").choices(STATES))
          .option("--event <name>", "only this event, for example message.received")
          .option("--event-id <id>", "only deliveries of this event"),
        "created",
      ),
    ),
  ).action(
    inSession(io, async (session) => {
      const { endpoint, state, event, eventId, after, before } = session.options
      const filter = { endpoint_id: endpoint, state, event, event_id: eventId, after, before }
      session.print.list(await fetchList(session, path("deliveries"), filter), COLUMNS)
    }),
  )
  withApi(group.command("get <id>").description("show a delivery and its attempts")).action(
    inSession(io, async ({ api, print }, id: string) => {
      const delivery = await api.get(path("deliveries", id))
      const { attempt_log: attempts, ...rest } = delivery
      const log = Array.isArray(attempts) && attempts.length > 0 ? `\n${formatTable(attempts, ATTEMPT_COLUMNS)}` : ""
      print.one(delivery, `${formatFields(rest)}${log}`)
    }),
  )
  withApi(group.command("retry <id>").description("send a delivery again immediately, whatever its state")).action(
    inSession(io, async ({ api, print }, id: string) => {
      await api.post(path("deliveries", id, "retry"))
      print.one({ id, retried: true }, `${id} will be sent again\n`)
    }),
  )
}
