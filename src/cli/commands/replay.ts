import { setTimeout as delay } from "node:timers/promises"
import { type Command, Option } from "commander"
import { type Json, path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, type Session, withApi } from "../client/session.ts"
import { integer, moment } from "../input/parse.ts"
import { untilInterrupted } from "../interrupted.ts"
import type { Io } from "../io.ts"
import { createProgress } from "../output/progress.ts"
import { addGet } from "./common.ts"

const COLUMNS = ["id", "endpoint_id", "status", "made", "total", "after", "before", "state", "event", "created_at"]
const POLL_MS = 500

export function registerReplay(program: Command, io: Io) {
  const group = program.command("replay").description("deliver stored events to an endpoint again")
  withApi(
    group
      .command("start <endpoint>")
      .description("start a replay and watch it; Ctrl-C cancels it")
      .requiredOption("--after <time>", "received at or after: ISO 8601, or an age such as 90m, 12h, 3d", moment)
      .option("--before <time>", "received before (same formats)", moment)
      .addOption(
        new Option("--state <state>", "only events with a delivery in this state").choices([
          "delivered",
          "exhausted",
          "canceled",
        ]),
      )
      .option("--event <name>", "only this event, for example message.received")
      .option("--page <id>", "only this page")
      .option("--conversation <id>", "only this conversation")
      .option("--rate <n>", "deliveries per second, 1 to 500", integer(1, 500))
      .option("--dry-run", "only count the events")
      .option("--detach", "do not wait until it is done"),
  ).action(inSession(io, (session, endpoint: string) => start(io, session, endpoint)))
  withApi(
    withPages(group.command("list").description("list replays").option("--endpoint <id>", "only this endpoint")),
  ).action(
    inSession(io, async (session) => {
      const filter = { endpoint_id: session.options.endpoint }
      session.print.list(await fetchList(session, path("replays"), filter), COLUMNS)
    }),
  )
  addGet(group, io, "replays", "show a replay")
  withApi(
    group.command("cancel <id>").description("cancel a replay; deliveries already created are still sent"),
  ).action(
    inSession(io, async ({ api, print }, id: string) => print.one(await api.post(path("replays", id, "cancel")))),
  )
}

async function start(io: Io, { api, print, options }: Session, endpoint: string) {
  const { after, before, state, event, page, conversation, rate, dryRun, detach } = options
  const filter = { after, before, state, event, page_id: page, conversation_id: conversation, rate }
  const { status } = await api.get(path("endpoints", endpoint))
  const replay = await api.post(path("endpoints", endpoint, "replays"), { ...filter, dry_run: Boolean(dryRun) })
  if (dryRun) return print.one(replay, `${replay.total ?? "more than 100000"} events\n`)
  if (detach) return print.one(replay)
  if (status !== "active") io.err(`${endpoint} is ${status}: the replay continues when it is active again\n`)
  const ended = await untilInterrupted((interrupted) => watch(io, { api }, replay, interrupted))
  print.one(ended, `${ended.id} ${ended.status}: ${ended.made} deliveries created\n`)
}

async function watch(io: Io, { api }: Pick<Session, "api">, replay: Json, interrupted: AbortSignal): Promise<Json> {
  const progress = createProgress(io)
  const at = path("replays", String(replay.id))
  try {
    for (let now = replay; ; now = await api.get(at)) {
      progress.show(Number(now.made), now.total as number | null)
      if (now.status !== "running") return now
      await delay(POLL_MS, undefined, { signal: interrupted }).catch(() => {})
      if (interrupted.aborted) return await api.post(`${at}/cancel`)
    }
  } finally {
    progress.end()
  }
}
