import { type Command, Option } from "commander"
import { path } from "./api.ts"
import type { Io } from "./io.ts"
import { fetchList, withPages } from "./listing.ts"
import { PLATFORMS } from "./parse.ts"
import { inSession, withApi } from "./session.ts"

const COLUMNS = ["id", "customer_id", "platform", "page_id", "name", "status", "app_id", "created_at"]
const UNROUTED_COLUMNS = ["platform", "page_id", "app_id", "events", "test_events", "first_seen_at", "last_seen_at"]

export function registerConnections(program: Command, io: Io) {
  const group = program.command("connections").description("the pages of a customer")
  withApi(
    withPages(
      group
        .command("list")
        .description("list connections; the operator who says no --customer sees everyone's")
        .addOption(new Option("--platform <platform>", "only this platform").choices(PLATFORMS))
        .option("--page <id>", "only this page")
        .addOption(new Option("--status <status>", "only this status").choices(["pending", "active"])),
    ),
  ).action(
    inSession(io, async (session) => {
      const { platform, page, status } = session.options
      session.print.list(await fetchList(session, path("connections"), { platform, page_id: page, status }), COLUMNS)
    }),
  )
  withApi(
    withPages(group.command("unrouted").description("pages that send events and belong to no one (operator)")),
  ).action(
    inSession(io, async (session) => session.print.list(await fetchList(session, path("unrouted")), UNROUTED_COLUMNS)),
  )
  withApi(
    group
      .command("create")
      .description("connect a page")
      .addOption(new Option("--platform <platform>", "where the page is").choices(PLATFORMS).makeOptionMandatory())
      .requiredOption("--page <id>", "Page id, Instagram account id or WhatsApp phone number id")
      .option("--app <id>", "the Meta app that sends its webhooks (default: the operator's)")
      .option("--waba <id>", "the number's WhatsApp Business Account (on the operator's app: operator)")
      .option("--name <name>", "a name for people")
      .option("--access-token <token>", "the page's access token, stored encrypted"),
  ).action(
    inSession(io, async ({ api, print, options }) => {
      const { platform, page, app, waba, name, accessToken } = options
      const body = { platform, page_id: page, app_id: app, waba_id: waba, name, access_token: accessToken }
      const connection = await api.post(path("connections"), body)
      print.one(connection)
      if (connection.status === "pending") print.note("pending: the operator activates it")
    }),
  )
  withApi(group.command("get <id>").description("show a connection")).action(
    inSession(io, async ({ api, print }, id: string) => print.one(await api.get(path("connections", id)))),
  )
  withApi(
    group
      .command("update <id>")
      .description("change a connection; what is not given stays")
      .option("--waba <id>", "the number's WhatsApp Business Account (on the operator's app: operator)")
      .option("--name <name>", "a name for people")
      .option("--access-token <token>", "the page's access token, stored encrypted"),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) => {
      const { waba, name, accessToken } = options
      print.one(await api.patch(path("connections", id), { waba_id: waba, name, access_token: accessToken }))
    }),
  )
  withApi(group.command("activate <id>").description("let a pending connection receive (operator)")).action(
    inSession(io, async ({ api, print }, id: string) => print.one(await api.post(path("connections", id, "activate")))),
  )
  withApi(group.command("delete <id>").description("disconnect a page")).action(
    inSession(io, async ({ api, print }, id: string) => {
      await api.delete(path("connections", id))
      print.one({ id, deleted: true }, `deleted ${id}\n`)
    }),
  )
}
