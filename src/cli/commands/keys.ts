import { type Command, Option } from "commander"
import { path } from "../client/api.ts"
import { fetchList, withPages } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import { integer, names } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { registerReencrypt } from "./reencrypt.ts"

const COLUMNS = ["id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"]

export function registerKeys(program: Command, io: Io) {
  const group = program.command("keys").description("manage the API keys of a customer, and the encryption keys")
  withApi(withPages(group.command("list").description("list keys, without their secret parts"))).action(
    inSession(io, async (session) => session.print.list(await fetchList(session, path("api-keys")), COLUMNS)),
  )
  withApi(
    group
      .command("create")
      .description("create a key; it is shown once")
      .option("--name <name>", "name of the key")
      .option("--scopes <list>", "scopes: read, write, send, admin (default: read,write)", names)
      .addOption(new Option("--mode <mode>", "prefix of the key: ohk_live_ or ohk_test_").choices(["live", "test"]))
      .option("--expires-at <time>", "expiry, ISO 8601"),
  ).action(
    inSession(io, async ({ api, print, options }) => {
      const { name, scopes, mode, expiresAt } = options
      print.one(await api.post(path("api-keys"), { name, scopes, mode, expires_at: expiresAt }))
      print.note("the key will not be shown again")
    }),
  )
  withApi(
    group
      .command("rotate <id>")
      .description("replace a key with a new one, which is shown once")
      .option("--overlap-hours <n>", "hours until the old key expires, 0 to 168 (default: 24)", integer(0, 168)),
  ).action(
    inSession(io, async ({ api, print, options }, id: string) => {
      print.one(await api.post(path("api-keys", id, "rotate"), { overlap_hours: options.overlapHours }))
      print.note("the key will not be shown again")
    }),
  )
  withApi(group.command("revoke <id>").description("revoke a key immediately")).action(
    inSession(io, async ({ api, print }, id: string) => {
      await api.delete(path("api-keys", id))
      print.one({ id, revoked: true }, `revoked ${id}\n`)
    }),
  )
  registerReencrypt(group, io)
}
