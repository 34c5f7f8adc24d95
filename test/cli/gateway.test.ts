import { spawn, spawnSync } from "node:child_process"
import { mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Webhook } from "standardwebhooks"
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { SAMPLES } from "../../src/cli/samples/index.ts"
import { freePort, listen, onehook, onehookHere, startGateway } from "./support.ts"

interface Received {
  headers: Record<string, string>
  body: string
}

const PUBLIC_URL = "http://localhost:4321"

let folder: string
let gateway: Awaited<ReturnType<typeof startGateway>>
let env: Record<string, string>
let receiver: Awaited<ReturnType<typeof listen>>
const received: Received[] = []

/** Runs the command as a process; for long sequences, `call` saves the process starts. */
const run = (...args: string[]) => onehook(args, env)
const call = (...args: string[]) => onehookHere(args, env)
const waitFor = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 50 })
const eventsOf = (page: string) =>
  received.map(({ body }) => JSON.parse(body)).filter(({ page_id }) => page_id === page)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onehook-cli-"))
  gateway = await startGateway(folder, { PUBLIC_URL })
  env = gateway.env
  receiver = await listen((request, body, response) => {
    received.push({ headers: request.headers as Record<string, string>, body })
    response.writeHead(204).end()
  })
}, 100_000)

afterAll(async () => {
  await gateway.stop()
  await receiver.close()
  await rm(folder, { recursive: true })
}, 60_000)

async function quickstart(name: string, platform: string, page: string, url = receiver.url) {
  const ran = await call("quickstart", "--name", name, "--url", url, "--platform", platform, "--page", page, "--json")
  expect(ran).toMatchObject({ code: 0, err: "" })
  return ran.json()
}

describe("quickstart", () => {
  it("prints what it created, what to enter at Meta and what to run next", async () => {
    const file = join(folder, "acme.env")
    const page = ["--platform", "facebook", "--page", "101"]
    const ran = await run("quickstart", "--name", "Acme", "--url", receiver.url, ...page, "--save", file)
    expect(ran).toMatchObject({ code: 0, err: "" })
    expect(ran.out).toMatch(/^customer +cus_\w+ {2}Acme$/m)
    expect(ran.out).toMatch(/^API key +ohk_live_\w+$/m)
    expect(ran.out).toMatch(/^secret +whsec_\S+$/m)
    expect(ran.out).toMatch(/^connection +con_\w+ {2}facebook page 101, active$/m)
    expect(ran.out).toContain(`Callback URL  ${PUBLIC_URL}/webhooks/facebook\n`)
    expect(ran.out).toContain(join(folder, "data", "meta-verify-token"))
    expect(ran.out).toContain("npx onehook trigger facebook --page 101\n")

    const saved = await readFile(file, "utf8")
    expect(saved).toMatch(/^ONEHOOK_URL=http:\S+\nONEHOOK_API_KEY=ohk_live_\S+\nWEBHOOK_SECRET=whsec_\S+\n$/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const again = await run("quickstart", "--name", "B", "--url", receiver.url, "--save", file)
    expect(again).toMatchObject({ code: 1, out: "", err: `error: cannot write ${file}: the file already exists\n` })
  })

  it("leaves nothing behind if one of its requests is refused", async () => {
    const ran = await run("quickstart", "--name", "Halfway", "--url", "ftp://example.com")
    expect(ran).toMatchObject({ code: 1, out: "" })
    expect(ran.err).toMatch(/^error: .*\(422 invalid_body\)\n {2}url: the URL must use https\n/)
    const customers = (await run("customers", "list", "--all", "--json")).json()
    expect(customers.data.map(({ name }: { name: string }) => name)).not.toContain("Halfway")
  })
})

describe("trigger", () => {
  it("delivers the documented event, signed", async () => {
    const { endpoint } = await quickstart("Contract", "facebook", "102")
    const ran = await run("trigger", "facebook", "--page", "102", "--text", "Hello!")
    expect(ran).toMatchObject({ code: 0, out: "200: facebook text from 12345678901234 to page 102\n", err: "" })
    const [event] = await waitFor(() => {
      expect(eventsOf("102")).toHaveLength(1)
      return eventsOf("102")
    })
    expect(Object.keys(event).slice(0, 8).join()).toBe(
      "platform,event,timestamp,from,page_id,conversation_id,message,signature_verified",
    )
    expect(event).toMatchObject({ event: "message.received", message: { type: "text", body: "Hello!" } })
    const { headers, body } = received.find(({ headers }) => headers["webhook-id"] === event.id) as Received
    expect(new Webhook(endpoint.secret).verify(body, headers)).toEqual(event)
  })

  it.each(Object.entries(SAMPLES))("is acknowledged for every kind of %s", async (platform, { kinds }) => {
    const page = `20${platform.length}`
    const { customer } = await quickstart(platform, platform, page)
    for (const kind of Object.keys(kinds)) {
      expect(await call("trigger", platform, kind, "--page", page)).toMatchObject({ code: 0, err: "" })
    }
    const { out } = await call("events", "list", "--customer", customer.id, "--json")
    expect(out.match(/"event":\s*"(?!conversation\.started)/g)).toHaveLength(Object.keys(kinds).length)
    expect(out).not.toContain("event.unmapped")
  })

  it("with a wrong secret is refused with a hint", async () => {
    const ran = await run("trigger", "facebook", "--secret", "wrong")
    expect(ran).toMatchObject({ code: 1, out: "" })
    expect(ran.err).toMatch(/^error: .*\(401 signature_invalid\)\n/)
    expect(ran.err).toContain("pass --secret")
  })
})

describe("API commands", () => {
  it("require the operator to name a customer", async () => {
    const ran = await call("endpoints", "list")
    expect(ran).toMatchObject({ code: 1, out: "" })
    expect(ran.err).toContain("(400 customer_required)")
    expect(ran.err).toContain("pass --customer")
  })

  it("create, show, change and delete an endpoint", async () => {
    const customer = (await call("customers", "create", "--name", "Verbs", "--json")).json()
    const as = ["--customer", customer.id, "--json"]
    const made = (await call("endpoints", "create", "--url", receiver.url, "--header", "X-Token: t", ...as)).json()
    expect(made).toMatchObject({ url: receiver.url, events: ["message.received"], secret: expect.any(String) })
    expect(made.headers).toEqual({ "x-token": "***" })

    const change = ["--events", "*", "--payload", "compact", "--include-raw", "--retry-schedule", "5,30"]
    const changed = (await call("endpoints", "update", made.id, ...change, ...as)).json()
    expect(changed).toMatchObject({ events: ["*"], payload: "compact", include_raw: true, retry_schedule: [5, 30] })
    expect((await call("endpoints", "disable", made.id, ...as)).json()).toMatchObject({ status: "disabled" })
    const enabled = await call("endpoints", "enable", made.id, "--recover", "none", ...as)
    expect(enabled.json()).toMatchObject({ status: "active" })
    expect((await call("endpoints", "pause", made.id, ...as)).json()).toMatchObject({ status: "paused" })
    expect((await call("endpoints", "resume", made.id, ...as)).json()).toMatchObject({ status: "active" })
    const revoked = (await call("endpoints", "revoke-secrets", made.id, ...as)).json()
    expect(revoked.secrets).toEqual([{ expires_at: null }])
    const rotated = (await call("endpoints", "rotate-secret", made.id, "--overlap-hours", "0", ...as)).json()
    expect(rotated.secret).toMatch(/^whsec_/)
    expect(rotated.secret).not.toBe(made.secret)
    expect(await call("endpoints", "delete", made.id, ...as)).toMatchObject({ code: 0 })
    const gone = await call("endpoints", "get", made.id, ...as)
    expect(gone).toMatchObject({ code: 1, out: "", err: expect.stringContaining("(404 not_found)") })
  })

  it("show a customer's key only that customer's objects", async () => {
    const one = await quickstart("One", "instagram", "301")
    const two = await quickstart("Two", "instagram", "302")
    const ran = await call("endpoints", "list", "--key", one.api_key.key)
    expect(ran.out).toContain(one.endpoint.id)
    expect(ran.out).not.toContain(two.endpoint.id)
    const foreign = await call("endpoints", "get", two.endpoint.id, "--key", one.api_key.key)
    expect(foreign).toMatchObject({ code: 1, err: expect.stringContaining("(404 not_found)") })
    expect(await call("customers", "list", "--key", one.api_key.key)).toMatchObject({
      code: 1,
      err: expect.stringContaining("(403 operator_required)"),
    })
  })

  it("create, list, rotate and revoke keys", async () => {
    const customer = (await call("customers", "create", "--name", "Keys", "--json")).json()
    const as = ["--customer", customer.id, "--json"]
    const made = (await call("keys", "create", "--name", "CI", "--scopes", "read", ...as)).json()
    expect(made).toMatchObject({ name: "CI", scopes: ["read"], key: expect.stringMatching(/^ohk_live_/) })
    expect((await call("keys", "list", ...as)).json().data).toMatchObject([{ id: made.id, revoked_at: null }])
    const rotated = (await call("keys", "rotate", made.id, "--overlap-hours", "0", ...as)).json()
    expect(await call("events", "list", "--key", rotated.key)).toMatchObject({ code: 0 })
    expect(await call("keys", "revoke", rotated.id, ...as)).toMatchObject({ code: 0 })
    const ran = await call("events", "list", "--key", rotated.key)
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("(401 unauthorized)") })
  })

  it("register an app, and trigger its webhook", async () => {
    const { customer } = await quickstart("Own app", "whatsapp", "401")
    const as = ["--customer", customer.id, "--json"]
    const app = (await call("apps", "create", "--name", "Mine", "--secrets", "secret-one,secret-two", ...as)).json()
    expect(app.callback_urls.facebook).toBe(`${PUBLIC_URL}/webhooks/facebook/${app.id}`)
    const page = ["--platform", "facebook", "--page", "402"]
    const connection = (await call("connections", "create", ...page, "--app", app.id, ...as)).json()
    expect(connection).toMatchObject({ status: "active", app_id: app.id })
    const ran = await call("trigger", "facebook", "--page", "402", "--app", app.id, "--secret", "secret-two")
    expect(ran).toMatchObject({ code: 0 })
    await waitFor(() => expect(eventsOf("402")).toHaveLength(1))
  })

  it("list unrouted pages and pending connections", async () => {
    const { id } = (await call("customers", "create", "--name", "Waiting", "--json")).json()
    await call("connections", "create", "--customer", id, "--platform", "instagram", "--page", "403")
    const { out } = await call("connections", "list", "--status", "pending")
    expect(out).toMatch(new RegExp(`^con_\\w+ +${id} +instagram +403 +- +pending +app_default `, "m"))
    await call("trigger", "instagram", "--page", "999")
    const ran = await call("connections", "unrouted")
    expect(ran.out).toMatch(/^instagram +999 +app_default +1 /m)
  })

  it("show a delivery with its attempts", async () => {
    const { customer } = await quickstart("Log", "facebook", "501")
    await call("trigger", "facebook", "--page", "501")
    const as = ["--customer", customer.id]
    const list = await waitFor(async () => {
      const list = (await call("deliveries", "list", "--state", "delivered", ...as, "--json")).json()
      expect(list.data).toHaveLength(1)
      return list
    })
    const shown = await call("deliveries", "get", list.data[0].id, ...as)
    expect(shown.out).toMatch(/^state +delivered$/m)
    expect(shown.out).toMatch(/^1 +schedule +\S+Z +\d+ +response +204 +delivered +- +-$/m)
  })
})

it("the example receiver checks the signature and prints the event", async () => {
  const port = await freePort()
  const { endpoint } = await quickstart("Example", "facebook", "601", `http://127.0.0.1:${port}/`)
  const example = new URL("../../docs/examples/receiver.ts", import.meta.url).pathname
  const env = { PATH: process.env.PATH, WEBHOOK_SECRET: endpoint.secret, RECEIVER_PORT: String(port) }
  const child = spawn(process.execPath, [example], { env, stdio: ["ignore", "pipe", "ignore"] })
  onTestFinished(() => void child.kill())
  const lines: string[] = []
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line))
  await waitFor(() => expect(lines[0]).toBe(`waiting for events on http://127.0.0.1:${port}/`))
  const second = spawnSync(process.execPath, [example], { env, encoding: "utf8" })
  expect([second.status, second.stderr]).toEqual([
    1,
    `cannot listen, RECEIVER_PORT sets another port: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
  ])
  const forged = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "{}" })
  expect(forged.status).toBe(401)
  await run("trigger", "facebook", "--page", "601", "--text", "Hi there")
  await waitFor(() => expect(lines[1]).toBe("message.received from 12345678901234 on facebook: Hi there"))
})

describe("start", () => {
  it("refuses a data folder that another process uses", async () => {
    const ran = await onehook(["start"], { DATA_DIR: env.DATA_DIR ?? "", PORT: "0" })
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("process uses the data directory") })
  })

  it("reports every configuration error with the given value, but no secret", async () => {
    const ran = await onehook(["start"], { PORT: "high", ADMIN_KEY: "too-short", LOG_LEVEL: "loud" })
    expect(ran.code).toBe(1)
    expect(ran.err).toMatch(/PORT .*"high"\n.*ADMIN_KEY .*\n.*LOG_LEVEL .*"loud"/)
    expect(ran.err).not.toContain("too-short")
  })
})
