import { type Command, Option } from "commander"
import { type Json, path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import { header, integer, integerOr, names, namesOr, PLATFORMS, waits } from "../input/parse.ts"
import type { Io } from "../io.ts"

const COLUMNS = ["id", "status", "url", "events", "payload", "description", "created_at"]

export function registerEndpoints(program: Command, io: Io) {
  const group = program.command("endpoints").description("URLs that events are delivered to")
  withApi(withPages(group.command("list").description("list endpoints"))).action(
    inSession(io, async (session) => session.print.list(await fetchList(session, path("endpoints")), COLUMNS)),
  )
  withApi(
    withSettings(
      group
        .command("create")
        .description("register an endpoint; its signing secret is shown this once")
        .requiredOption("--url <url>", "where events are posted (the gateway is --gateway)"),
    ),
  ).action(
    inSession(io, async ({ api, print, options }) => {
      print.one(await api.post(path("endpoints"), settings(options)))
      print.note("the secret is not shown again")
    }),
  )
  withApi(group.command("get <id>").description("show an endpoint")).action(
    inSession(io, async ({ api, print }, id: string) => print.one(await api.get(path("endpoints", id)))),
  )
  withApi(
    withSettings(
      group
        .command("update <id>")
        .description("change an endpoint; what is not given stays")
        .option("--url <url>", "where events are posted (the gateway is --gateway)"),
    ),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) =>
      print.one(await api.patch(path("endpoints", id), settings(options))),
    ),
  )
  registerEndpointStates(group, io)
}

function registerEndpointStates(group: Command, io: Io) {
  withApi(group.command("delete <id>").description("remove an endpoint")).action(
    inSession(io, async ({ api, print }, id: string) => {
      await api.delete(path("endpoints", id))
      print.one({ id, deleted: true }, `deleted ${id}\n`)
    }),
  )
  withApi(
    group
      .command("enable <id>")
      .description("switch an endpoint on again")
      .addOption(
        new Option("--recover <what>", "held: send what is held (default); none: close it").choices(["held", "none"]),
      ),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) =>
      print.one(await api.post(path("endpoints", id, "enable"), { recover: options.recover })),
    ),
  )
  withApi(group.command("disable <id>").description("switch an endpoint off; its deliveries are held")).action(
    inSession(io, async ({ api, print }, id: string) => print.one(await api.post(path("endpoints", id, "disable")))),
  )
  for (const [verb, status, what] of [
    ["pause", "paused", "meanwhile its deliveries are held"],
    ["resume", "active", "what is held is sent"],
  ]) {
    withApi(group.command(`${verb} <id>`).description(`${verb} an endpoint; ${what}`)).action(
      inSession(io, async ({ api, print }, id: string) =>
        print.one(await api.patch(path("endpoints", id), { status })),
      ),
    )
  }
  withApi(
    group
      .command("test <id>")
      .description("send a test event to an endpoint")
      .option("--event <name>", "of this sort (default: message.received)")
      .addOption(new Option("--platform <platform>", "as this platform sends it").choices(PLATFORMS)),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) => {
      const { event, platform } = options
      const delivery = await api.post(path("endpoints", id, "test"), { event, platform })
      print.one(delivery, `${delivery.event} is on its way: onehook deliveries get ${delivery.id}\n`)
    }),
  )
  withApi(
    group
      .command("rotate-secret <id>")
      .description("give an endpoint a new signing secret; it is shown this once")
      .option("--overlap-hours <n>", "how long the old one still signs too, 0 to 168 (default 24)", integer(0, 168)),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) => {
      print.one(await api.post(path("endpoints", id, "rotate-secret"), { overlap_hours: options.overlapHours }))
      print.note("the secret is not shown again")
    }),
  )
  withApi(group.command("revoke-secrets <id>").description("end all signing secrets but the newest, at once")).action(
    inSession(io, async ({ api, print }, id: string) =>
      print.one(await api.post(path("endpoints", id, "revoke-secrets"))),
    ),
  )
}

function withSettings(command: Command): Command {
  return command
    .option("--description <text>", "a note for people")
    .option("--events <list>", "event names; * is all of the platforms (default: message.received)", names)
    .option("--platforms <list>", "only these platforms, or all", namesOr("all"))
    .option("--pages <list>", "only these pages, or all", namesOr("all"))
    .option("--message-types <list>", "of messages, only these types (text,image,…), or all", namesOr("all"))
    .option("--statuses <list>", "of status.update, only these states (delivered,failed,…), or all", namesOr("all"))
    .addOption(new Option("--direction <direction>", "only this direction").choices(["inbound", "outbound", "both"]))
    .addOption(new Option("--payload <payload>", "how much of the event is sent").choices(["full", "compact"]))
    .option("--include-raw", "send Meta's item along")
    .option("--no-include-raw", "send the event alone")
    .option("--max-concurrency <n>", "requests in flight, 1 to 100", integer(1, 100))
    .option("--max-rate <n>", "requests in any second, 1 to 1000, or none", integerOr("none", 1, 1000))
    .addOption(new Option("--ordering <ordering>", "what is sent in order").choices(["none", "conversation"]))
    .option("--retry-schedule <list>", "seconds to wait before each of up to 19 retries, or default", waits)
    .option("--hub-signature", "send x-hub-signature-256 too, for handlers written against Meta")
    .option("--no-hub-signature", "send the standard signature alone")
    .option("--header <header>", "'Name: value' sent with every request; repeatable", header)
}

function settings(options: ReturnType<Command["opts"]>): Json {
  const { url, description, events, platforms, pages, payload, ordering } = options
  const { messageTypes, statuses, direction } = options
  const { includeRaw, hubSignature, maxConcurrency, maxRate, retrySchedule, header: headers } = options
  return {
    url,
    description,
    events,
    platforms: orNull(platforms),
    page_ids: orNull(pages),
    message_types: orNull(messageTypes),
    statuses: orNull(statuses),
    direction: direction === "both" ? null : direction,
    payload,
    include_raw: includeRaw,
    max_concurrency: maxConcurrency,
    max_rate: orNull(maxRate),
    ordering,
    retry_schedule: orNull(retrySchedule),
    headers,
    hub_signature: hubSignature,
  }
}

/** commander makes "" of the null that a parser returns. */
function orNull<T>(value: T | ""): T | null {
  return value === "" ? null : value
}
