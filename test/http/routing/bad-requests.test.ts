import type { AddressInfo } from "node:net"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { AppError } from "../../../src/core/api/problem.ts"
import { ADMIN_KEY, type Call, newCustomer, PUBLIC_URL, useApi, useStore } from "../harness.ts"

const store = useStore()
const api = useApi({}, store)
const json = { "content-type": "application/json" }
const LATIN_1 = Buffer.from('{"name":"größer"}', "latin1")
const post = (body: string | Buffer | undefined, headers: Record<string, string> = json): Call => ({
  method: "POST",
  url: "/v1/customers",
  body,
  headers,
})

test("a problem has the format of RFC 9457", async () => {
  const answer = await api().asOperator({ url: "/v1/customers/cus_nobody?x=1" })
  expect(answer.headers["content-type"]).toBe("application/problem+json")
  expect(answer.body).toEqual({
    type: `${PUBLIC_URL}/docs#not_found`,
    title: "There is no such object",
    status: 404,
    detail: "The object does not exist or belongs to another customer.",
    instance: "/v1/customers/cus_nobody",
    code: "not_found",
  })
})

test.each<[string, Call, number, string]>([
  ["a body that is no JSON", post('{"name":'), 400, "invalid_json"],
  ["a prototype in the body", post('{"name":"x","__proto__":{}}'), 400, "invalid_json"],
  ["a body that is a list", post("[]"), 422, "invalid_body"],
  ["a body that is null", post("null"), 422, "invalid_body"],
  ["no body", post(undefined), 400, "bad_request"],
  ["an empty body", post(""), 400, "bad_request"],
  ["a body that is Latin-1", post(LATIN_1), 400, "invalid_json"],
  [
    "a body that says it is Latin-1",
    post("{}", { "content-type": "application/json; charset=iso-8859-1" }),
    415,
    "unsupported_media_type",
  ],
  ["100,000 nested lists", post(`{"name":${"[".repeat(1e5)}${"]".repeat(1e5)}}`), 422, "invalid_body"],
  ["a body of 257 KB", post(JSON.stringify({ name: "x".repeat(257 * 1024) })), 413, "body_too_large"],
  ["a form", post("name=x", { "content-type": "application/x-www-form-urlencoded" }), 415, "unsupported_media_type"],
  ["text", post('{"name":"x"}', { "content-type": "text/plain" }), 415, "unsupported_media_type"],
  ["XML", post("<name/>", { "content-type": "text/xml" }), 415, "unsupported_media_type"],
  ["an unknown route", { url: "/v1/nothing" }, 404, "route_not_found"],
  ["an unknown place", { url: "/wp-login.php" }, 404, "route_not_found"],
  ["a route with a slash too many", { url: "/v1/customers/" }, 404, "not_found"],
  ["another method", { method: "PATCH", url: "/v1/customers" }, 405, "method_not_allowed"],
  ["a broken escape", { url: "/v1/customers/%zz" }, 400, "bad_request"],
  ["an id with a NUL", { url: "/v1/customers/cus_%00" }, 404, "not_found"],
  ["an id that is SQL", { url: "/v1/customers/cus_1'%20or%201=1" }, 404, "not_found"],
  ["an id of 300 characters", { url: `/v1/customers/cus_${"x".repeat(300)}` }, 404, "route_not_found"],
  ["a limit of 0", { url: "/v1/customers?limit=0" }, 400, "invalid_query"],
  ["a limit of 251", { url: "/v1/customers?limit=251" }, 400, "invalid_query"],
  ["a limit that is a word", { url: "/v1/customers?limit=all" }, 400, "invalid_query"],
  ["two limits", { url: "/v1/customers?limit=1&limit=2" }, 400, "invalid_query"],
  ["a cursor that is none", { url: "/v1/customers?cursor=abc" }, 400, "invalid_query"],
  ["an unknown filter", { url: "/v1/customers?name=x" }, 400, "invalid_query"],
])("%s gets a problem response", async (_name, call, status, code) => {
  const answer = await api().asOperator(call)
  expect(answer.body).toMatchObject({ status, code })
  expect(answer.status).toBe(status)
  expect(answer.headers["content-type"]).toBe("application/problem+json")
  expect(answer.headers["x-request-id"]).toMatch(/^req_/)
})

test("405 lists the allowed methods", async () => {
  const answer = await api().asOperator({ method: "DELETE", url: "/v1/unrouted" })
  expect(answer.headers.allow).toBe("GET, HEAD")
})

test("all faults are reported at once, each with its path", async () => {
  const { body } = await api().asOperator(post('{"nam":"x","id":"cus_1"}'))
  expect(body.errors).toEqual([
    { path: "name", message: "is required" },
    { path: "nam", message: "is not a known key; allowed are name" },
    { path: "id", message: "is not a known key; allowed are name" },
  ])
  expect(body.detail).toBe("name is required (and 2 more, see errors).")
})

test("a body is not parsed before the key is checked", async () => {
  const answer = await api().call(post('{"name":'))
  expect(answer.status).toBe(401)
})

test.each(["/v1/events", "/v1/deliveries"])("%s: times must be ISO 8601", async (url) => {
  const { body: customer } = await api().asOperator(post('{"name":"x"}'))
  const { body } = await api().asOperator({ url: `${url}?after=yesterday`, customer: customer.id })
  expect(body.errors).toEqual([{ path: "after", message: "must be a time such as 2026-01-31T12:00:00Z" }])
})

test.each(["2026-01-01T00:00:00%2B23:59", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"])(
  "times with any offset, in the years 1970 to 9999, are accepted: %s",
  async (time) => {
    const { id: customer } = await newCustomer(api())
    for (const query of [`events?after=${time}`, `events?before=${time}`, `deliveries?after=${time}`]) {
      expect((await api().asOperator({ url: `/v1/${query}`, customer })).status).toBe(200)
    }
  },
)

test.each(["0000-01-01T00:00:00Z", "0013-01-01T00:00:00Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-23:59"])(
  "times outside the years 1970 to 9999 are refused everywhere: %s",
  async (time) => {
    const { id: customer, as } = await newCustomer(api())
    const { body: endpoint } = await as({ method: "POST", url: "/v1/endpoints", body: { url: "https://a.example" } })
    const query = encodeURIComponent(time)
    const answers = [
      await api().asOperator({ url: `/v1/events?after=${query}`, customer }),
      await api().asOperator({ url: `/v1/deliveries?before=${query}`, customer }),
      await as({ method: "POST", url: `/v1/endpoints/${endpoint.id}/replays`, body: { after: time } }),
      await as({ method: "POST", url: "/v1/api-keys", body: { expires_at: time } }),
    ]
    const message = "must be a time in the years 1970 to 9999, in UTC"
    for (const { body } of answers) expect(body.errors).toEqual([{ path: expect.any(String), message }])
  },
)

test("an event name with a NUL is refused", async () => {
  const { as } = await newCustomer(api())
  const { status, body } = await as({ url: "/v1/deliveries?event=%00" })
  expect({ status, code: body.code }).toEqual({ status: 400, code: "invalid_query" })
})

test.each([
  ["contacts", "contact:------------------------------------"],
  ["contacts", "contact:0123456789abcdef0123456789abcdef0123"],
  ["unrouted", "unrouted:a\0/facebook/1"],
  ["unrouted", "unrouted:a/face\0book/1"],
])("a cursor for %s with an impossible key is refused: %j", async (list, text) => {
  const { id: customer } = await newCustomer(api())
  const cursor = Buffer.from(text).toString("base64url")
  const { status, body } = await api().asOperator({ url: `/v1/${list}?cursor=${cursor}`, customer })
  expect({ status, code: body.code }).toEqual({ status: 400, code: "invalid_query" })
})

describe("internal failures", () => {
  const failWith = async (error: unknown) => {
    const { list } = api().stores.customers
    api().stores.customers.list = () => Promise.reject(error)
    const answer = await api().asOperator({ url: "/v1/customers" })
    api().stores.customers.list = list
    return answer
  }

  test.each([
    Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:5432"), { code: "ECONNREFUSED" }),
    Object.assign(new Error("terminating connection"), { code: "57P01" }),
    Object.assign(new Error("too many clients"), { code: "53300" }),
    new Error("timeout exceeded when trying to connect"),
    new Error("wrapped", { cause: new Error("Connection terminated unexpectedly") }),
  ])("%s is 503, without details of the error", async (error) => {
    const answer = await failWith(error)
    expect(answer).toMatchObject({ status: 503, body: { code: "store_unavailable" }, headers: { "retry-after": "2" } })
    expect(answer.text).not.toContain("10.0.0.7")
  })

  test("an unexpected error is 500 without detail, and logged with its cause but without its parameters", async () => {
    const cause = Object.assign(new Error("column x does not exist"), {
      code: "42703",
      params: ["geheim"],
      query: "select geheim",
    })
    const answer = await failWith(new Error("outer", { cause }))
    expect(answer.status).toBe(500)
    expect(answer.body).toMatchObject({ code: "internal", title: "Onehook failed" })
    expect(answer.body.detail).toBeUndefined()
    const line = api().log.find((one) => one.includes("request failed")) ?? ""
    expect(JSON.parse(line)).toMatchObject({
      request_id: answer.headers["x-request-id"],
      error: { cause: { code: "42703" } },
    })
    expect(line).not.toContain("geheim")
  })

  test("an AppError keeps its detail", async () => {
    const answer = await failWith(new AppError("app_in_use", "Because."))
    expect(answer.body).toMatchObject({ status: 409, detail: "Because." })
  })
})

describe("input that never becomes a request", () => {
  const slow = useApi({ timeouts: { requestMs: 300, headersMs: 200, checkMs: 50 } }, store)
  let port = 0
  beforeAll(async () => {
    await slow().app.listen({ host: "127.0.0.1", port: 0 })
    port = (slow().app.server.address() as AddressInfo).port
  })
  afterAll(() => slow().app.close())

  /** Everything that the server sends until it closes the connection. */
  async function say(words: string): Promise<string> {
    const socket = connect(port, "127.0.0.1")
    socket.write(words)
    return text(socket)
  }

  const head = `POST /v1/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_KEY}\r\ncontent-type: application/json\r\n`

  test("a body that does not arrive is 408, and the connection is closed", async () => {
    const answer = await say(`${head}content-length: 20\r\n\r\n{"name"`)
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(answer).toContain('"code":"request_timeout"')
    expect(answer).toMatch(/x-request-id: req_/)
  })

  test("headers that do not arrive are 408, and the connection is closed", async () => {
    expect(await say("GET /v1/customers HTTP/1.1\r\nhost:")).toContain('"code":"request_timeout"')
  })

  test("headers of 20 KB are 431", async () => {
    expect(await say(`${head}x-a: ${"x".repeat(20_000)}\r\n\r\n`)).toContain('"code":"headers_too_large"')
  })

  test("two Host headers are 400, whatever the route", async () => {
    for (const path of ["/v1/customers", "/nowhere"]) {
      const answer = await say(`GET ${path} HTTP/1.1\r\nhost: x\r\nHost: y\r\nconnection: close\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
      expect(answer).toContain("more than one Host header")
    }
  })

  test("QUERY, which no route supports, is 405", async () => {
    const answer = await say("QUERY /v1/customers HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    expect(answer).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/)
    expect(answer).toMatch(/^allow: GET, HEAD, POST\r\n/im)
  })

  test("input that is not HTTP is 400", async () => {
    const answer = await say("\x16\x03\x01\x02\r\n\r\n")
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer).toContain('"code":"bad_request"')
  })
})
