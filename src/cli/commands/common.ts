import type { Command } from "commander"
import { path } from "../client/api.ts"
import { inSession, withApi } from "../client/session.ts"
import type { Io } from "../io.ts"

/** Adds `get <id>`, which shows one object of an API resource. */
export function addGet(group: Command, io: Io, resource: string, description: string): void {
  withApi(group.command("get <id>").description(description)).action(
    inSession(io, async ({ api, print }, id: string) => print.one(await api.get(path(resource, id)))),
  )
}

/** Adds `delete <id>`, which deletes one object of an API resource. */
export function addDelete(group: Command, io: Io, resource: string, description: string): void {
  withApi(group.command("delete <id>").description(description)).action(
    inSession(io, async ({ api, print }, id: string) => {
      await api.delete(path(resource, id))
      print.one({ id, deleted: true }, `deleted ${id}\n`)
    }),
  )
}
