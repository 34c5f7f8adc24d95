import type { IncomingMessage, ServerResponse } from "node:http"
import { describe, expect, it, onTestFinished } from "vitest"
import { listen, onehook, onehookHere } from "./support.ts"

const KEY = { ONEHOOK_API_KEY: "ohk_live_example" }

/** A server with fixed responses that records its requests. */
async function api(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = []
  const { url, close } = await listen((request, body, response) => {
    asked.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body })
    answer(request, response)
  })
  onTestFinished(close)
  return { env: { ...KEY, ONEHOOK_URL: url }, url, asked }
}

const json =
  (value: unknown, status = 200, type = "application/json") =>
  (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(status, { "content-type": type, "x-request-id": "req-7" }).end(JSON.stringify(value))

describe("usage errors exit 2", () => {
  it.each([
    [["bogus"], "unknown command 'bogus'"],
    [[], "Usage: onehook"],
    [["customers"], "Usage: onehook customers"],
    [["customers", "create"], "required option '--name <name>' not specified"],
    [["customers", "get"], "missing required argument 'id'"],
    [["customers", "list", "--bogus"], "unknown option '--bogus'"],
    [["customers", "list", "extra"], "too many arguments"],
    [["events", "list", "--limit", "0"], "a whole number from 1 to 250"],
    [["events", "list", "--limit", "1e2"], "a whole number from 1 to 250"],
    [["events", "list", "--platform", "telegram"], "facebook, instagram, whatsapp"],
    [["endpoints", "create", "--url", "https://a.example", "--header", "nocolon"], "'Name: value'"],
    [["trigger", "telegram"], "facebook, instagram, whatsapp"],
    [["trigger", "instagram", "toString"], 'instagram has no kind "toString"; it has text, image,'],
    [
      ["quickstart", "--name", "A", "--url", "https://a.example", "--page", "1"],
      "--page and --platform must be given together",
    ],
    [["customers", "list", "--url", "nonsense"], '"nonsense" is not a valid gateway URL'],
  ])("%j", async (args, message) => {
    const ran = await onehookHere(args, KEY)
    expect(ran).toMatchObject({ code: 2, out: "", err: expect.stringContaining(message) })
  })

  it("for an invalid header, whose value is not repeated", async () => {
    const args = ["endpoints", "create", "--url", "https://a.example", "--header", "Authorization Bearer geheim"]
    const { code, err } = await onehookHere(args, KEY)
    expect([code, err]).toEqual([2, expect.not.stringContaining("geheim")])
  })

  it("for a missing key, as a process", async () => {
    const ran = await onehook(["customers", "list"])
    expect(ran).toMatchObject({ code: 2, out: "", err: expect.stringContaining("no API key: pass --key") })
  })
})

it("resume's help says what happens to held deliveries", async () => {
  const { out } = await onehookHere(["endpoints", "--help"])
  const lines = out.replaceAll(/\n {20,}/g, " ")
  expect(lines).toMatch(/ pause .* its deliveries are held\n/)
  expect(lines).toMatch(/ resume .* held deliveries are sent\n/)
})

it("quickstart repeats a given gateway in the commands to run next", async () => {
  const { url, env } = await api(json({ id: "x" }))
  const args = ["quickstart", "--name", "A", "--url", "https://a.example"]
  const nextOf = ({ out }: { out: string }) => out.match(/npx onehook .*/g) ?? []
  for (const given of [
    [...args, "--gateway", url],
    ["--gateway", url, ...args],
    ["--url", url, ...args],
  ]) {
    const next = nextOf(await onehookHere(given, KEY))
    expect(next).toHaveLength(5)
    for (const line of next) expect(line).toMatch(new RegExp(` --gateway ${url}$`))
  }
  for (const line of nextOf(await onehookHere(args, env))) expect(line).not.toContain("--gateway")
})

it.each([[["--help"]], [["--version"]], [["help", "trigger"]], [["endpoints", "update", "--help"]]])(
  "%j exits 0",
  async (args) => {
    expect(await onehookHere(args)).toMatchObject({ code: 0, err: "" })
  },
)

describe("refused requests exit 1", () => {
  it("with the problem's title, field errors and request id", async () => {
    const problem = {
      title: "The body is not valid",
      status: 422,
      code: "invalid_body",
      detail: "url must use https.",
      errors: [{ path: "url", message: "must use https" }],
    }
    const { env } = await api(json(problem, 422, "application/problem+json"))
    const ran = await onehook(["endpoints", "create", "--url", "ftp://a.example"], env)
    expect(ran).toMatchObject({ code: 1, out: "" })
    expect(ran.err).toBe("error: The body is not valid (422 invalid_body)\n  url: must use https\n  request req-7\n")
  })

  it("with the status only, if the response is not from a gateway", async () => {
    const { env } = await api((_, response) => response.writeHead(502).end("<html>Bad gateway</html>"))
    expect(await onehook(["customers", "list"], env)).toMatchObject({
      code: 1,
      err: "error: the gateway refused the request (502)\n",
    })
  })

  it("if a customer's key is not enough, with the source of the key and the order of precedence", async () => {
    const { env } = await api(json({ title: "No", status: 403, code: "operator_required" }, 403))
    const { err } = await onehookHere(["customers", "list"], env)
    expect(err).toContain("--key or ONEHOOK_API_KEY holds a customer's")
    expect(err).toContain("Unset ONEHOOK_API_KEY")
  })

  it("if nothing listens at the gateway's URL, which is named", async () => {
    const { url, close } = await listen(() => {})
    await close()
    const ran = await onehook(["customers", "list", "--url", url], KEY)
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringContaining(`cannot reach the gateway at ${url} (ECONNREFUSED)`),
    })
  })

  it("for a redirect, which is not followed with the key", async () => {
    const { env, asked } = await api((_, response) => response.writeHead(302, { location: "/elsewhere" }).end())
    expect(await onehook(["customers", "list"], env)).toMatchObject({ code: 1 })
    expect(asked).toHaveLength(1)
  })
})

describe("a list", () => {
  const page = {
    data: [{ id: "cus_1", name: "A\u001b[31m", created_at: "2026-11-23T14:47:02.000Z" }],
    next_cursor: "c2",
  }

  it("is a table, with a note on stderr if there are more items", async () => {
    const { env } = await api(json(page))
    expect(await onehook(["customers", "list"], env)).toMatchObject({
      code: 0,
      out: "id     name    created_at\ncus_1  A [31m  2026-11-23T14:47:02Z\n",
      err: "more items: pass --cursor c2, or --all\n",
    })
  })

  it("with --json is the API's response", async () => {
    const { env } = await api(json(page))
    const ran = await onehook(["customers", "list", "--json"], env)
    expect(ran).toMatchObject({ code: 0, err: "" })
    expect(ran.json()).toEqual(page)
  })

  it("with --all follows every cursor", async () => {
    const { env, asked } = await api((request, response) =>
      json(request.url?.includes("cursor=c2") ? { data: [{ id: "cus_2" }], next_cursor: null } : page)(
        request,
        response,
      ),
    )
    const ran = await onehook(["customers", "list", "--all", "--json"], env)
    expect(ran.json()).toEqual({ data: [page.data[0], { id: "cus_2" }], next_cursor: null })
    expect(asked.map(({ url }) => url)).toEqual(["/v1/customers?limit=250", "/v1/customers?limit=250&cursor=c2"])
  })

  it("that is empty prints a note on stderr and nothing on stdout", async () => {
    const { env } = await api(json({ data: [], next_cursor: null }))
    expect(await onehook(["events", "list"], env)).toMatchObject({ code: 0, out: "", err: "none\n" })
  })
})

describe("a request", () => {
  it("contains the key, the customer and only the given fields", async () => {
    const { env, asked } = await api(json({ id: "ep_1", secret: "whsec_x" }, 201))
    const args = ["endpoints", "create", "--url", "https://a.example/h", "--events", "message.received, message.echo"]
    await onehook(
      [
        ...args,
        "--header",
        "X-A: 1:2",
        "--customer",
        "cus_1",
        "--max-concurrency",
        "8",
        "--max-rate",
        "20",
        "--ordering",
        "conversation",
      ],
      env,
    )
    expect(asked[0]).toMatchObject({
      method: "POST",
      url: "/v1/endpoints",
      headers: { authorization: "Bearer ohk_live_example", "onehook-customer": "cus_1" },
    })
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      url: "https://a.example/h",
      events: ["message.received", "message.echo"],
      max_concurrency: 8,
      max_rate: 20,
      ordering: "conversation",
      headers: { "X-A": "1:2" },
    })
  })

  it("filters deliveries by event and time, and events by time", async () => {
    const { env, asked } = await api(json({ data: [], next_cursor: null }))
    const times = ["--after", "2026-01-01T00:00:00+01:00", "--before", "5m"]
    await onehookHere(["deliveries", "list", "--event-id", "evt_1", ...times], env)
    await onehookHere(["events", "list", ...times], env)
    const [deliveries, events] = asked.map(({ url }) => new URL(url, env.ONEHOOK_URL).searchParams)
    expect(deliveries?.get("event_id")).toBe("evt_1")
    for (const query of [deliveries, events]) {
      expect(query?.get("after")).toBe("2025-12-31T23:00:00.000Z")
      const ago = Date.now() - Date.parse(query?.get("before") ?? "")
      expect(ago).toBeGreaterThanOrEqual(300_000)
      expect(ago).toBeLessThan(330_000)
    }
  })

  it("sends null to remove a limit", async () => {
    const { env, asked } = await api(json({ id: "ep_1" }))
    const lifted = ["--platforms", "all", "--pages", "all", "--max-rate", "none", "--retry-schedule", "default"]
    await onehook(["endpoints", "update", "ep_1", ...lifted], env)
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      platforms: null,
      page_ids: null,
      max_rate: null,
      retry_schedule: null,
    })
  })

  it("goes to the gateway given before a command that has its own --url", async () => {
    const { url, asked } = await api(json({ id: "ep_1" }))
    await onehook(["--url", url, "endpoints", "update", "ep_1", "--url", "https://b.example"], KEY)
    expect(asked[0]).toMatchObject({ method: "PATCH", url: "/v1/endpoints/ep_1", body: '{"url":"https://b.example"}' })
  })

  it("encodes an id into its path segment", async () => {
    const { env, asked } = await api(json({}))
    await onehook(["events", "get", "evt_1/../../customers?x=1"], env)
    expect(asked[0]?.url).toBe("/v1/events/evt_1%2F..%2F..%2Fcustomers%3Fx%3D1")
  })
})
