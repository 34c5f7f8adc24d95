import type { Command } from "commander"
import { path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import { integerOr, orNull } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { addDelete, addGet } from "./common.ts"

const LIMIT = integerOr("default", 0, 1_000_000)
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
    group
      .command("update <id>")
      .description("rename a customer, or change its limits; 'default' for the default")
      .option("--name <name>", "new name")
      .option("--max-endpoints <n>", "endpoints", LIMIT)
      .option("--max-api-keys <n>", "API keys", LIMIT)
      .option("--max-connections <n>", "connections", LIMIT)
      .option("--max-apps <n>", "Meta apps", LIMIT)
      .option("--max-replays <n>", "replays that run at the same time", LIMIT),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) => {
      const { name, maxEndpoints, maxApiKeys, maxConnections, maxApps, maxReplays } = options
      const limits = {
        endpoints: orNull(maxEndpoints),
        api_keys: orNull(maxApiKeys),
        connections: orNull(maxConnections),
        apps: orNull(maxApps),
        replays: orNull(maxReplays),
      }
      print.one(await api.patch(path("customers", id), { name, limits }))
    }),
  )
  addDelete(group, io, "customers", "delete a customer and all its data")
}
