import type { Command } from "commander"
import { path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import type { Io } from "../io.ts"
import { addDelete, addGet } from "./common.ts"

const COLUMNS = ["id", "name", "created_at"]

export function registerCustomers(program: Command, io: Io) {
  const group = program.command("customers").description("manage customers (operator)")
  withApi(withPages(group.command("list").description("list customers"))).action(
    inSession(io, async (session) => session.print.list(await fetchList(session, path("customers")), COLUMNS)),
  )
  withApi(
    group.command("create").description("create a customer").requiredOption("--name <name>", "name of the customer"),
  ).action(
    inSession(io, async ({ api, print, options }) =>
      print.one(await api.post(path("customers"), { name: options.name })),
    ),
  )
  addGet(group, io, "customers", "show a customer")
  withApi(
    group.command("update <id>").description("rename a customer").requiredOption("--name <name>", "new name"),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) =>
      print.one(await api.patch(path("customers", id), { name: options.name })),
    ),
  )
  addDelete(group, io, "customers", "delete a customer and all its data")
}
