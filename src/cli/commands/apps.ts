import type { Command } from "commander"
import { path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import { names } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { addDelete, addGet } from "./common.ts"

const COLUMNS = ["id", "name", "meta_app_id", "secrets", "created_at"]

export function registerApps(program: Command, io: Io) {
  const group = program.command("apps").description("manage Meta apps with their secrets and verify tokens")
  withApi(withPages(group.command("list").description("list apps"))).action(
    inSession(io, async (session) => session.print.list(await fetchList(session, path("apps")), COLUMNS)),
  )
  withApi(withSettings(group.command("create").description("register a Meta app"))).action(
    inSession(io, async ({ api, print, options }) => print.one(await api.post(path("apps"), settings(options)))),
  )
  addGet(group, io, "apps", "show an app")
  withApi(withSettings(group.command("update <id>").description("change an app; omitted fields are unchanged"))).action(
    inSession(io, async ({ api, print, options }, id: string) =>
      print.one(await api.patch(path("apps", id), settings(options))),
    ),
  )
  addDelete(group, io, "apps", "delete an app")
}

function withSettings(command: Command): Command {
  return command
    .option("--name <name>", "display name")
    .option("--meta-app-id <id>", "the app's id at Meta")
    .option("--secrets <list>", "app secrets to verify webhooks with, newest first", names)
    .option(
      "--verify-token <token>",
      "token that Meta sends to verify the callback URL (default: generated, shown once)",
    )
}

function settings({ name, metaAppId, secrets, verifyToken }: ReturnType<Command["opts"]>) {
  return { name, meta_app_id: metaAppId, secrets, verify_token: verifyToken }
}
