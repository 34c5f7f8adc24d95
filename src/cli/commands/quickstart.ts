import { type FileHandle, open, rm } from "node:fs/promises"
import { type Command, Option } from "commander"
import { type Api, path } from "../client/api.ts"
import { inSession, toldGateway, withApi } from "../client/session.ts"
import { PLATFORMS } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { environment, type Made, summary } from "../output/quickstart-text.ts"

interface Wanted {
  name: string
  url: string
  platform?: string
  page?: string
}

export function registerQuickstart(program: Command, io: Io) {
  const command = program
    .command("quickstart")
    .description("a customer, an API key and an endpoint in one go; with a page, its connection too (operator)")
    .requiredOption("--name <name>", "the customer's name")
    .requiredOption("--url <url>", "where events are posted (the gateway is --gateway)")
    .addOption(new Option("--platform <platform>", "where the page is").choices(PLATFORMS))
    .option("--page <id>", "Page id, Instagram account id or WhatsApp phone number id")
    .option("--save <file>", "write key and secret to a new file, as environment variables")
  withApi(command).action(
    inSession(io, async ({ api, print, options }) => {
      const { name, url, platform, page, save } = options
      if (Boolean(page) !== Boolean(platform)) command.error("error: --page and --platform go together")
      const made = await saving(save, async (file) => {
        const made = await setUp(api, { name, url, platform, page })
        await file?.writeFile(environment(api.gateway, made))
        return made
      })
      const toldAgain = toldGateway(command) === undefined ? "" : ` --gateway ${api.gateway}`
      print.one({ ...made }, summary(made, { publicUrl: await publicUrl(api), env: io.env, save, toldAgain }))
    }),
  )
}

async function setUp(api: Api, { name, url, platform, page }: Wanted): Promise<Made> {
  const customer = await api.post(path("customers"), { name })
  const id = String(customer.id)
  const own = api.as(id)
  try {
    const made: Made = {
      customer,
      endpoint: await own.post(path("endpoints"), { url }),
      api_key: await own.post(path("api-keys"), { name: "quickstart" }),
    }
    if (!page) return made
    const pending = await own.post(path("connections"), { platform, page_id: page })
    if (pending.status === "active") return { ...made, connection: pending }
    return { ...made, connection: await own.post(path("connections", String(pending.id), "activate")) }
  } catch (error) {
    // All or nothing: a second try after a mistake in the URL should not find half of the first.
    await api.delete(path("customers", id)).catch(() => {})
    throw error
  }
}

/** The address that the gateway says it is reached by. */
async function publicUrl(api: Api): Promise<string> {
  const { servers } = (await api.get("/openapi.json").catch(() => ({}))) as { servers?: { url?: unknown }[] }
  const url = servers?.[0]?.url
  return typeof url === "string" ? url : api.gateway
}

/** Opens the file first, so that nothing is made that could not be saved; removes it when the work fails. */
async function saving<T>(name: string | undefined, work: (file: FileHandle | null) => Promise<T>): Promise<T> {
  if (!name) return work(null)
  const file = await open(name, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.code === "EEXIST" ? "it exists already" : error.code === "ENOENT" ? "no such folder" : error.code
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
