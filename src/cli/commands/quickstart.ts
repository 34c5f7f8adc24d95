import { type FileHandle, open, rm } from "node:fs/promises"
import { type Command, Option } from "commander"
import { type Api, path } from "../client/api.ts"
import { givenGateway, inSession, withApi } from "../client/session.ts"
import { PLATFORMS } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { type Created, environment, summary } from "../output/quickstart-text.ts"

interface QuickstartInput {
  name: string
  url: string
  platform?: string
  page?: string
}

export function registerQuickstart(program: Command, io: Io) {
  const command = program
    .command("quickstart")
    .description("create a customer, an API key, an endpoint and optionally a connection (operator)")
    .requiredOption("--name <name>", "name of the customer")
    .requiredOption("--url <url>", "URL that events are posted to (the gateway is --gateway)")
    .addOption(new Option("--platform <platform>", "platform of the page").choices(PLATFORMS))
    .option("--page <id>", "Page id, Instagram account id or WhatsApp phone number id")
    .option("--save <file>", "write the key and the secret to a new env file")
  withApi(command).action(
    inSession(io, async ({ api, print, options }) => {
      const { name, url, platform, page, save } = options
      if (Boolean(page) !== Boolean(platform)) command.error("error: --page and --platform must be given together")
      const created = await saving(save, async (file) => {
        const objects = await setUp(api, { name, url, platform, page })
        await file?.writeFile(environment(api.gateway, objects))
        return objects
      })
      const gatewayOption = givenGateway(command) === undefined ? "" : ` --gateway ${api.gateway}`
      print.one({ ...created }, summary(created, { publicUrl: await publicUrl(api), env: io.env, save, gatewayOption }))
    }),
  )
}

async function setUp(api: Api, { name, url, platform, page }: QuickstartInput): Promise<Created> {
  const customer = await api.post(path("customers"), { name })
  const id = String(customer.id)
  const own = api.as(id)
  try {
    const created: Created = {
      customer,
      endpoint: await own.post(path("endpoints"), { url }),
      api_key: await own.post(path("api-keys"), { name: "quickstart" }),
    }
    if (!page) return created
    const pending = await own.post(path("connections"), { platform, page_id: page })
    if (pending.status === "active") return { ...created, connection: pending }
    return { ...created, connection: await own.post(path("connections", String(pending.id), "activate")) }
  } catch (error) {
    // All or nothing: a second run, for example with a corrected URL, must not find leftovers of the first.
    await api.delete(path("customers", id)).catch(() => {})
    throw error
  }
}

/** The gateway's public URL, as its OpenAPI document states it. */
async function publicUrl(api: Api): Promise<string> {
  const { servers } = (await api.get("/openapi.json").catch(() => ({}))) as { servers?: { url?: unknown }[] }
  const url = servers?.[0]?.url
  return typeof url === "string" ? url : api.gateway
}

/** Opens the file first, so that nothing is created that cannot be saved; removes it if the work fails. */
async function saving<T>(name: string | undefined, work: (file: FileHandle | null) => Promise<T>): Promise<T> {
  if (!name) return work(null)
  const file = await open(name, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.code === "EEXIST" ? "the file already exists" : error.code === "ENOENT" ? "no such folder" : error.code
    throw new Error(`cannot write ${name}: ${reason}`, { cause: error })
  })
  try {
    return await work(file)
  } catch (error) {
    await rm(name, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
