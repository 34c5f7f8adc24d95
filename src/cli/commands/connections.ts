import { type Command, Option } from "commander"
import { path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import { PLATFORMS } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { addDelete, addGet } from "./common.ts"

const COLUMNS = ["id", "customer_id", "platform", "page_id", "name", "status", "app_id", "created_at"]
const UNROUTED_COLUMNS = ["platform", "page_id", "app_id", "events", "test_events", "first_seen_at", "last_seen_at"]

export function registerConnections(program: Command, io: Io) {
  const group = program.command("connections").description("manage the pages of a customer")
  withApi(
    withPages(
      group
        .command("list")
        .description("list connections; without --customer the operator sees all")
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
    withPages(group.command("unrouted").description("list pages that send events but are not connected (operator)")),
  ).action(
    inSession(io, async (session) => session.print.list(await fetchList(session, path("unrouted")), UNROUTED_COLUMNS)),
  )
  withApi(
    group
      .command("create")
      .description("connect a page")
      .addOption(new Option("--platform <platform>", "platform of the page").choices(PLATFORMS).makeOptionMandatory())
      .requiredOption("--page <id>", "Page id, Instagram account id or WhatsApp phone number id")
      .option("--app <id>", "Meta app that sends its webhooks (default: the operator's default app)")
      .option("--waba <id>", "WhatsApp Business Account id (on the operator's app: operator only)")
      .option("--name <name>", "display name")
      .option("--access-token <token>", "access token of the page, stored encrypted"),
  ).action(
    inSession(io, async ({ api, print, options }) => {
      const { platform, page, app, waba, name, accessToken } = options
      const body = { platform, page_id: page, app_id: app, waba_id: waba, name, access_token: accessToken }
      const connection = await api.post(path("connections"), body)
      print.one(connection)
      if (connection.status === "pending") print.note("pending: the operator must activate the connection")
    }),
  )
  addGet(group, io, "connections", "show a connection")
  withApi(
    group
      .command("update <id>")
      .description("change a connection; omitted fields are unchanged")
      .option("--waba <id>", "WhatsApp Business Account id (on the operator's app: operator only)")
      .option("--name <name>", "display name")
      .option("--access-token <token>", "access token of the page, stored encrypted"),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) => {
      const { waba, name, accessToken } = options
      print.one(await api.patch(path("connections", id), { waba_id: waba, name, access_token: accessToken }))
    }),
  )
  withApi(group.command("activate <id>").description("activate a pending connection (operator)")).action(
    inSession(io, async ({ api, print }, id: string) => print.one(await api.post(path("connections", id, "activate")))),
  )
  addDelete(group, io, "connections", "delete a connection")
}
