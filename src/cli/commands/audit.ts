import type { Command } from "commander"
import { path } from "../client/api.ts"
import { fetchList, withPages, withTimes } from "../client/listing.ts"
import { inSession, withApi } from "../client/session.ts"
import type { Io } from "../io.ts"
import type { Columns } from "../output/table.ts"

const COLUMNS: Columns = [
  "at",
  "operation",
  ["object", (row) => row.created_id ?? row.object_id],
  "fields",
  "actor",
  "key_name",
  "key_id",
  "address",
  "outcome",
]

export function registerAudit(program: Command, io: Io) {
  const group = program.command("audit").description("read which changes were made with which keys")
  withApi(
    withPages(
      withTimes(
        group
          .command("list")
          .description("list changes, newest first")
          .option("--operation <name>", "only this operation, for example updateEndpoint")
          .option("--object <id>", "only changes of this object")
          .option("--key-id <id>", "only changes made with this API key"),
        "made",
      ),
    ),
  ).action(
    inSession(io, async (session) => {
      const { operation, object, keyId, after, before } = session.options
      const filter = { operation, object_id: object, key_id: keyId, after, before }
      session.print.list(await fetchList(session, path("audit-log"), filter), COLUMNS)
    }),
  )
}
