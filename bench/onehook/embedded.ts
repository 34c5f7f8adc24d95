import { cpSync, readdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import type { World } from "../load/world.ts"
import type { Closers } from "../support/processes.ts"
import { createApi, setUp, switchEndpoints } from "./api.ts"
import { createCredentials, startOnehook } from "./process.ts"
import type { Running, Size } from "./size.ts"

/**
 * One process with all roles and the embedded store. Each instance is a copy of a data folder that is set up once. The
 * process always dispatches, so endpoints are disabled to prevent delivery; their deliveries are still recorded.
 */
export async function createEmbedded(world: World, folder: string, closers: Closers): Promise<Size> {
  const credentials = createCredentials(world)
  const template = join(folder, "template")
  const first = await startOnehook({ name: "onehook", folder: template, env: credentials }, closers)
  const api = createApi(first.port, credentials.ADMIN_KEY)
  const prepare = async () => {
    const made = await setUp(api, world)
    await switchEndpoints(api, made, "disable")
    return made
  }
  const made = await prepare().finally(first.stop)
  let opened = 0

  async function open(): Promise<Running> {
    const data = join(folder, `instance-${++opened}`)
    cpSync(template, data, { recursive: true })
    const onehook = await startOnehook({ name: "onehook", folder: data, env: credentials }, closers)
    return {
      port: onehook.port,
      secrets: made.endpoints.map(({ secret }) => secret),
      deliver: () => switchEndpoints(createApi(onehook.port, credentials.ADMIN_KEY), made, "enable"),
      processes: () => ({ onehook: { onehook: onehook.pid }, servers: {} }),
      describeStore: async () => [`data folder ${Math.round(sizeOf(data) / 1e6)} MB`],
      async close() {
        await onehook.stop()
        rmSync(data, { recursive: true, force: true })
      },
    }
  }
  return { name: "embedded", open }
}

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce(
    (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}
