import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Webhook } from "standardwebhooks"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { endingWithParent } from "../../bench/support/processes.ts"
import { CHILD_ENV } from "../support/child-env.ts"
import { startReceiver } from "../support/receiver.ts"
import { until } from "../support/until.ts"
import { freePort, MAIN, onehook, onehookHere, startGateway } from "./support.ts"

let folder: string
let gateway: Awaited<ReturnType<typeof startGateway>>
let pages = 700

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onehook-cli-"))
  gateway = await startGateway(folder)
}, 100_000)

afterAll(async () => {
  await gateway.stop()
  await rm(folder, { recursive: true })
}, 60_000)

const call = (...args: string[]) => onehookHere(args, gateway.env)

/** A customer with a page, a contact with a first message, a key, and no working endpoint. */
async function newCustomer() {
  const page = String(pages++)
  const wanted = ["--name", page, "--url", "http://127.0.0.1:1/", "--platform", "facebook", "--page", page]
  const { api_key } = (await call("quickstart", ...wanted, "--json")).json()
  // The first message also causes an event for the start of the conversation, so it is sent before the test.
  await trigger(page, "hello")
  return { page, key: api_key.key as string, say: (text: string) => trigger(page, text) }
}

const trigger = async (page: string, text: string) =>
  expect(await call("trigger", "facebook", "--page", page, "--text", text)).toMatchObject({ code: 0 })

/** Starts `onehook listen` and waits until it listens: for messages, without the events that start a conversation. */
async function start(key: string, ...args: string[]) {
  const command = [MAIN, "listen", "--key", key, "--event", "message.received", ...args]
  const child = spawn(...endingWithParent(process.execPath, command), {
    env: { ...CHILD_ENV, ...gateway.env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  let [out, err] = ["", ""]
  child.stdout.on("data", (chunk) => {
    out += chunk
  })
  child.stderr.on("data", (chunk) => {
    err += chunk
  })
  const stop = async () => {
    const ended = once(child, "close")
    child.kill("SIGINT")
    expect(await ended).toEqual([0, null])
  }
  if (!args.includes("--json")) await until(() => err.includes("listening at"), "the listener")
  return { out: () => out, err: () => err, lines: () => out.split("\n").filter(Boolean), stop }
}

describe("listen", () => {
  it("prints events as they arrive, and how to resume", async () => {
    const { key, say } = await newCustomer()
    const first = await start(key)
    await say("one")
    await until(() => first.out().includes("one"), "the event")
    expect(first.out()).toMatch(/^\S+Z {2}facebook {2}message\.received {2}12345678901234 {2}one {2}evt_\w+\n$/)
    await first.stop()
    await say("two")
    const [, cursor = ""] = /--cursor (\S+)/.exec(first.err()) ?? []
    const again = await start(key, "--cursor", cursor)
    await until(() => again.out().includes("two"), "the event that arrived in between")
    expect(again.lines()).toHaveLength(1)
  })

  it("forwards each event, signed, and resumes where it stopped", async () => {
    const { key, say } = await newCustomer()
    const receiver = await startReceiver(({ body }) => (body.includes("two") ? 500 : 204))
    onTestFinished(() => receiver.close())
    const resume = ["--resume", join(folder, "position"), "--forward-to", receiver.url]
    const first = await start(key, ...resume)
    const [, secret = ""] = /signing with (whsec_\S+)/.exec(first.err()) ?? []
    await say("one")
    await say("two")
    await until(() => first.lines().length === 2, "two events")
    expect(first.lines()).toEqual([
      expect.stringMatching(/one .*→ 204 in \d+ ms$/),
      expect.stringMatching(/two .*→ 500 in/),
    ])
    await first.stop()
    await say("three")
    const again = await start(key, ...resume, "--secret", secret)
    await until(() => again.lines().length === 1, "the third")
    expect(receiver.requests.map(({ body }) => JSON.parse(body).message.body)).toEqual(["one", "two", "three"])
    for (const { headers, body, id } of receiver.requests) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({ id })
    }
    expect((await readFile(join(folder, "position"), "utf8")).trim()).not.toBe("")
  })

  it("waits for a handler that is not running yet", async () => {
    const { key, say } = await newCustomer()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/`
    const listener = await start(key, "--forward-to", url)
    await say("early")
    await until(() => listener.err().includes(`no handler is listening at ${url}; retrying`), "the note")
    const server = createServer((_request, response) => response.writeHead(204).end()).listen(port, "127.0.0.1")
    onTestFinished(() => void server.close())
    await until(() => listener.lines().length === 1, "the event")
    expect(listener.out()).toContain("→ 204")
  })

  it("resumes after the gateway was unavailable", async () => {
    const { key, say } = await newCustomer()
    const listener = await start(key)
    await say("before")
    await until(() => listener.out().includes("before"), "the event")
    await gateway.stop()
    await until(() => listener.err().includes("connection to the gateway lost"), "the note")
    const port = new URL(gateway.env.ONEHOOK_URL).port
    gateway = await startGateway(folder, { PORT: port })
    await say("after")
    await until(() => listener.lines().length === 2, "the second event")
    expect(listener.lines()[1]).toContain("after")
  })

  it("with --json prints one event per line", async () => {
    const { key, page, say } = await newCustomer()
    const listener = await start(key, "--json")
    await until(async () => {
      await say("json")
      return listener.lines().length > 0
    }, "an event")
    expect(JSON.parse(listener.lines()[0] ?? "")).toMatchObject({ page_id: page, message: { body: "json" } })
  })

  it("rejects an invalid URL or secret", async () => {
    const { key } = await newCustomer()
    const ran = (...args: string[]) => call("listen", "--key", key, ...args)
    expect(await ran("--forward-to", "localhost")).toMatchObject({
      code: 2,
      err: expect.stringContaining("not a valid --forward-to URL"),
    })
    const secret = await ran("--forward-to", "http://127.0.0.1:1/", "--secret", "whsec_")
    expect(secret).toMatchObject({ code: 2, err: expect.stringContaining("whsec_ followed by base64") })
    expect(await ran("--cursor", "x")).toMatchObject({ code: 1, err: expect.stringContaining("Last-Event-ID") })
    expect(await call("listen", "--key", "ohk_live_no")).toMatchObject({ code: 1, err: expect.stringContaining("401") })
  })
})

describe("replays, tests and retries", () => {
  async function withEndpoint() {
    const receiver = await startReceiver()
    onTestFinished(() => receiver.close())
    const { key, say } = await newCustomer()
    const as = (...args: string[]) => call(...args, "--key", key, "--json")
    const endpoint = (await as("endpoints", "create", "--url", receiver.url)).json()
    await say("hello")
    await until(() => receiver.requests.length === 1, "the event")
    return { receiver, key, as, id: endpoint.id as string, event: receiver.requests[0]?.id as string }
  }

  it("replays stored events, counts them with --dry-run, and waits for the end", async () => {
    const { receiver, key, as, id, event } = await withEndpoint()
    const dry = await call("replay", "start", id, "--after", "1h", "--dry-run", "--key", key)
    // Two: the contact also wrote before the endpoint existed.
    expect(dry).toMatchObject({ code: 0, out: "2 events\n" })
    const ran = await call("replay", "start", id, "--after", "1h", "--key", key)
    expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/^rpl_\w+ done: 2 deliveries created\n$/) })
    await until(() => receiver.requests.length === 3, "both events")
    expect(receiver.requests.filter(({ id }) => id === event)).toHaveLength(2)
    const detached = (await as("replay", "start", id, "--after", "1h", "--detach")).json()
    expect((await as("replay", "list", "--endpoint", id)).json().data).toHaveLength(2)
    expect((await as("replay", "cancel", detached.id)).json().status).toMatch(/^(canceled|done)$/)
    expect((await as("replay", "get", detached.id)).json()).toMatchObject({ id: detached.id, total: 2 })
    expect(await call("replay", "start", id, "--after", "soon", "--key", key)).toMatchObject({ code: 2 })
  })

  it("reports that a replay waits for its endpoint", async () => {
    const { key, as, id } = await withEndpoint()
    await as("endpoints", "pause", id)
    const running = call("replay", "start", id, "--after", "1h", "--key", key)
    await until(async () => (await as("replay", "list")).json().data.length === 1, "the replay")
    await as("endpoints", "resume", id)
    expect(await running).toMatchObject({
      code: 0,
      out: expect.stringContaining("done: 2 deliveries created"),
      err: `${id} is paused: the replay continues when it is active again\n`,
    })
  })

  it("sends a test event and retries a delivery, and shows each attempt's trigger and duration", async () => {
    const { receiver, as, id, event } = await withEndpoint()
    const test = (await as("endpoints", "test", id, "--event", "comment.received", "--platform", "instagram")).json()
    const arrived = await receiver.get(({ body }) => body.includes("comment.received"))
    expect(arrived.id).toBe(test.event_id)
    const [delivery] = (await as("deliveries", "list", "--state", "delivered", "--endpoint", id)).json().data.slice(-1)
    expect(await as("deliveries", "retry", delivery.id)).toMatchObject({ code: 0 })
    await until(() => receiver.requests.filter((request) => request.id === event).length === 2, "the event again")
    const logOf = async (delivery: string) => (await as("deliveries", "get", delivery)).json().attempt_log
    await until(async () => (await logOf(delivery.id)).length === 2, "the second attempt")
    const [first, second] = await logOf(delivery.id)
    expect([first.trigger, second.trigger]).toEqual(["schedule", "manual"])
    const ms = expect.any(Number)
    expect(first).toMatchObject({
      remote_address: "127.0.0.1",
      timings: { dns_ms: ms, connect_ms: ms, tls_ms: null, first_byte_ms: ms, total_ms: ms },
      request_headers: { "webhook-timestamp": receiver.requests[0]?.headers["webhook-timestamp"] },
    })
    await until(async () => (await logOf(test.id)).length === 1, "the test's attempt")
    expect((await logOf(test.id))[0]).toMatchObject({ trigger: "test", verdict: "delivered", status: 200 })
  })
})

describe("verify", () => {
  it("confirms a valid signature, and explains an invalid one", async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`
    const body = '{"a":1}'
    const now = new Date()
    const signature = new Webhook(secret).sign("evt_1", now, body)
    const timestamp = Math.floor(now.getTime() / 1000)
    const headers = `POST / HTTP/1.1\r\nWebhook-Id: evt_1\r\nWebhook-Timestamp: ${timestamp}\r\nWebhook-Signature: ${signature}\r\n`
    const [bodyFile, headerFile, jsonFile] = ["body", "headers", "headers.json"].map((name) => join(folder, name))
    await writeFile(bodyFile as string, body)
    await writeFile(headerFile as string, headers)
    const object = { "webhook-id": "evt_1", "webhook-timestamp": timestamp, "webhook-signature": signature }
    await writeFile(jsonFile as string, JSON.stringify(object))
    for (const file of [headerFile, jsonFile]) {
      const ran = await onehook(["verify", "--secret", secret, "--headers", file as string, bodyFile as string])
      expect(ran).toEqual({ ...ran, code: 0, out: "signature valid: the signature matches\n", err: "" })
    }
    await writeFile(bodyFile as string, `${body}\n`)
    const wrong = await onehookHere(["verify", "--headers", headerFile as string, bodyFile as string], {
      WEBHOOK_SECRET: secret,
    })
    expect(wrong).toMatchObject({ code: 1, out: "", err: expect.stringContaining("without the line break") })
    const none = await onehookHere(["verify", "--headers", headerFile as string, bodyFile as string])
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining("no secret") })
  })
})
