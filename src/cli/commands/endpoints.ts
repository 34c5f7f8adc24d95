import { type Command, Option } from "commander"
import { type Json, path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import { header, integer, integerOr, names, namesOr, orNull, PLATFORMS, waits } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { addDelete, addGet } from "./common.ts"

const COLUMNS = ["id", "status", "url", "events", "payload", "description", "created_at"]

export function registerEndpoints(program: Command, io: Io) {
  const group = program.command("endpoints").description("manage the URLs that events are delivered to")
  withApi(withPages(group.command("list").description("list endpoints"))).action(
    inSession(io, async (session) => session.print.list(await fetchList(session, path("endpoints")), COLUMNS)),
  )
  withApi(
    withSettings(
      group
        .command("create")
        .description("create an endpoint; its signing secret is shown once")
        .requiredOption("--url <url>", "URL that events are posted to (the gateway is --gateway)"),
    ),
  ).action(
    inSession(io, async ({ api, print, options }) => {
      print.one(await api.post(path("endpoints"), settings(options)))
      print.note("the secret will not be shown again")
    }),
  )
  addGet(group, io, "endpoints", "show an endpoint")
  withApi(
    withSettings(
      group
        .command("update <id>")
        .description("change an endpoint; omitted fields are unchanged")
        .option("--url <url>", "URL that events are posted to (the gateway is --gateway)"),
    ),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) =>
      print.one(await api.patch(path("endpoints", id), settings(options))),
    ),
  )
  registerEndpointStates(group, io)
}

function registerEndpointStates(group: Command, io: Io) {
  addDelete(group, io, "endpoints", "delete an endpoint")
  withApi(
    group
      .command("enable <id>")
      .description("enable an endpoint")
      .addOption(
        new Option("--recover <what>", "held deliveries: send them (held, default) or cancel them (none)").choices([
          "held",
          "none",
        ]),
      ),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) =>
      print.one(await api.post(path("endpoints", id, "enable"), { recover: options.recover })),
    ),
  )
  withApi(group.command("disable <id>").description("disable an endpoint; its deliveries are held")).action(
    inSession(io, async ({ api, print }, id: string) => print.one(await api.post(path("endpoints", id, "disable")))),
  )
  for (const [verb, status, what] of [
    ["pause", "paused", "its deliveries are held"],
    ["resume", "active", "held deliveries are sent"],
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
      .option("--event <name>", "event to send (default: message.received)")
      .addOption(new Option("--platform <platform>", "platform of the event").choices(PLATFORMS)),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) => {
      const { event, platform } = options
      const delivery = await api.post(path("endpoints", id, "test"), { event, platform })
      print.one(delivery, `created a delivery of ${delivery.event}; to see it: onehook deliveries get ${delivery.id}\n`)
    }),
  )
  withApi(
    group
      .command("rotate-secret <id>")
      .description("rotate the signing secret; the new one is shown once")
      .option(
        "--overlap-hours <n>",
        "hours to keep signing with the old secrets, 0 to 168 (default: 24)",
        integer(0, 168),
      ),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) => {
      print.one(await api.post(path("endpoints", id, "rotate-secret"), { overlap_hours: options.overlapHours }))
      print.note("the secret will not be shown again")
    }),
  )
  withApi(group.command("revoke-secrets <id>").description("revoke all signing secrets except the newest")).action(
    inSession(io, async ({ api, print }, id: string) =>
      print.one(await api.post(path("endpoints", id, "revoke-secrets"))),
    ),
  )
}

function withSettings(command: Command): Command {
  return command
    .option("--description <text>", "description for people")
    .option("--events <list>", "event names; * for all platform events (default: message.received)", names)
    .option("--platforms <list>", "only these platforms, or 'all'", namesOr("all"))
    .option("--pages <list>", "only these pages, or 'all'", namesOr("all"))
    .option("--message-types <list>", "of messages, only these types (text,image,…), or 'all'", namesOr("all"))
    .option("--statuses <list>", "of status.update, only these states (delivered,failed,…), or 'all'", namesOr("all"))
    .addOption(new Option("--direction <direction>", "only this direction").choices(["inbound", "outbound", "both"]))
    .addOption(new Option("--payload <payload>", "format of the event").choices(["full", "compact"]))
    .option("--include-raw", "add Meta's raw item to the event")
    .option("--no-include-raw", "do not add the raw item")
    .option("--max-concurrency <n>", "concurrent requests, 1 to 100", integer(1, 100))
    .option("--max-rate <n>", "requests per second, 1 to 1000, or 'none'", integerOr("none", 1, 1000))
    .addOption(new Option("--ordering <ordering>", "order of delivery").choices(["none", "conversation"]))
    .option("--retry-schedule <list>", "seconds before each of up to 19 retries, or 'default'", waits)
    .option("--hub-signature", "also send x-hub-signature-256, for handlers written for Meta")
    .option("--no-hub-signature", "send the standard signature only")
    .option("--header <header>", "'Name: value' to send with every request; repeatable", header)
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
