import { type Command, Option } from "commander"
import { path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import { PLATFORMS } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { addGet } from "./common.ts"

const COLUMNS = ["id", "platform", "page_id", "scoped_id", "name", "username", "last_seen_at"]

export function registerContacts(program: Command, io: Io) {
  const group = program.command("contacts").description("read and erase contacts (people and groups)")
  withApi(
    withPages(
      group
        .command("list")
        .description("list contacts, newest first")
        .addOption(new Option("--platform <platform>", "only this platform").choices(PLATFORMS))
        .option("--page <id>", "only this page")
        .option("--id <id>", "only the contact with this scoped id, alias or ASID"),
    ),
  ).action(
    inSession(io, async (session) => {
      const { platform, page, id } = session.options
      session.print.list(await fetchList(session, path("contacts"), { platform, page_id: page, id }), COLUMNS)
    }),
  )
  addGet(group, io, "contacts", "show a contact with all its ids")
  withApi(
    group.command("delete <id>").description("erase a contact and its stored events; unsent deliveries are canceled"),
  ).action(
    inSession(io, async ({ api, print }, id: string) => {
      await api.delete(path("contacts", id))
      print.one({ id, deleted: true }, `erased contact ${id}\n`)
    }),
  )
}
