import { createHmac } from "node:crypto"
import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { copyStoreInto } from "../support/embedded-store.ts"
import {
  ADMIN_KEY,
  APP_SECRET,
  type Instance,
  postWebhook,
  sign,
  startProcess,
  tempDir,
  VERIFY_TOKEN,
} from "../support/onehook.ts"
import { until } from "../support/until.ts"

const BODY = '{"object":"page","entry":[]}'

const NESTED = "[".repeat(10_000) + "]".repeat(10_000)

describe("invalid webhooks", () => {
  const dir = tempDir()
  let gateway: Instance

  beforeAll(async () => {
    copyStoreInto(dir.path)
    gateway = await startProcess({
      DATA_DIR: dir.path,
      META_APP_SECRET: APP_SECRET,
      META_VERIFY_TOKEN: VERIFY_TOKEN,
      ADMIN_KEY,
    })
  })
  afterAll(async () => {
    await gateway?.kill()
    dir.remove()
  })

  const post = (headers: Record<string, string>, body: string | Buffer = BODY, path = "facebook") =>
    fetch(`${gateway.url}/webhooks/${path}`, { method: "POST", headers, body })
  const problem = async (response: Response) => {
    expect(response.headers.get("content-type")).toContain("application/problem+json")
    expect(response.headers.get("x-request-id")).toBeTruthy()
    const { status, code, detail } = (await response.json()) as Record<string, unknown>
    expect(detail, "a sentence").toMatch(/^[A-Z].*\.$/)
    return { status, code, detail }
  }

  test.each([
    ["missing", {}],
    ["empty", { "x-hub-signature-256": "" }],
    [
      "of another secret",
      { "x-hub-signature-256": `sha256=${createHmac("sha256", "other").update(BODY).digest("hex")}` },
    ],
    ["of another body", { "x-hub-signature-256": sign(`${BODY} `) }],
    ["truncated", { "x-hub-signature-256": sign(BODY).slice(0, -1) }],
    ["too long", { "x-hub-signature-256": `${sign(BODY)}0` }],
    ["in capitals", { "x-hub-signature-256": sign(BODY).toUpperCase() }],
    ["sha1", { "x-hub-signature": `sha1=${createHmac("sha1", APP_SECRET).update(BODY).digest("hex")}` }],
    [
      "sha1 instead of sha256",
      { "x-hub-signature-256": `sha1=${createHmac("sha1", APP_SECRET).update(BODY).digest("hex")}` },
    ],
  ])("a signature that is %s is refused, and the log says why without the secret", async (_name, headers) => {
    const answer = await problem(await post(headers))
    expect(answer).toMatchObject({ status: 401, code: "signature_invalid" })
    await until(() => gateway.output().includes("webhook rejected: invalid signature"), "the log line")
    expect(gateway.output()).not.toContain(APP_SECRET)
  })

  test("a signed body that is not JSON is refused", async () => {
    for (const body of ["", "{", "hello", '{"object":"page",}', "\xff\xfe"]) {
      const response = await post({ "x-hub-signature-256": sign(body) }, body)
      expect(await problem(response)).toMatchObject({ status: 400, code: "invalid_json" })
    }
  })

  async function faults(): Promise<number> {
    const response = await fetch(`${gateway.url}/v1/faults?limit=250`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    })
    return ((await response.json()) as { data: unknown[] }).data.length
  }

  test.each([
    ["an empty list", "[]"],
    ["null", "null"],
    ["a string", '"page"'],
    ["a number", "1"],
    ["an unknown object", '{"object":"user","entry":[]}'],
    ["entries that are no list", '{"object":"page","entry":"x"}'],
    ["items that are no objects", '{"object":"page","entry":[{"id":"1","messaging":[1,null,"x"]}]}'],
    ["nested in 10,000 levels", NESTED],
    ["an item nested in 10,000 levels", `{"object":"page","entry":[{"id":"1","messaging":[${NESTED}]}]}`],
  ])("JSON that is %s is acknowledged and kept as a fault for the operator", async (_name, body) => {
    const before = await faults()
    expect((await postWebhook(gateway.url, body)).status).toBe(200)
    expect(await faults()).toBeGreaterThan(before)
  })

  test("a body of 4 MB is accepted, one of 5 MB is refused", async () => {
    const sized = (bytes: number) => {
      const start = '{"object":"page","entry":[],"padding":"'
      return `${start}${"x".repeat(bytes - start.length - 2)}"}`
    }
    expect((await postWebhook(gateway.url, sized(4 * 1024 * 1024))).status).toBe(200)
    const large = await postWebhook(gateway.url, sized(5 * 1024 * 1024)).catch(() => null)
    // The server may close the connection before the whole body is sent; then there is no response to read.
    if (large) expect(await problem(large)).toMatchObject({ status: 413, code: "body_too_large" })
  })

  test("an unknown platform and an unknown app get different errors", async () => {
    const headers = { "x-hub-signature-256": sign(BODY) }
    const platform = await problem(await post(headers, BODY, "telegram"))
    expect(platform).toMatchObject({
      status: 404,
      detail: "The platform must be one of facebook, instagram, whatsapp.",
    })
    const app = await problem(await post(headers, BODY, "facebook/app_nobody"))
    expect(app).toMatchObject({ status: 404, detail: expect.stringContaining("There is no app with this id") })
  })

  test("a body that does not arrive times out, and its connection is closed", async () => {
    const { port } = new URL(gateway.url)
    const socket = connect(Number(port), "127.0.0.1")
    let answer = ""
    socket.on("data", (data) => {
      answer += data
    })
    socket.on("error", () => {})
    socket.write(
      `POST /webhooks/facebook HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    )
    await until(() => socket.destroyed || socket.readableEnded, "the connection to be closed", 60_000)
    expect(answer).toContain(" 408 ")
  }, 90_000)

  test("the handshake returns the challenge as text, for the correct token only", async () => {
    const handshake = (query: Record<string, string>) =>
      fetch(`${gateway.url}/webhooks/instagram?${new URLSearchParams(query)}`)
    const right = { "hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "<b>1158201444</b>" }
    const response = await handshake(right)
    expect(response.status).toBe(200)
    expect(response.headers.get("content-type")).toContain("text/plain")
    expect(await response.text()).toBe("<b>1158201444</b>")
    for (const wrong of [{ ...right, "hub.verify_token": "x" }, { ...right, "hub.mode": "unsubscribe" }, {}]) {
      expect(await problem(await handshake(wrong as never))).toMatchObject({ status: 403, code: "handshake_refused" })
    }
  })

  test("the process survives all of these", async () => {
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
    expect((await postWebhook(gateway.url, BODY)).status).toBe(200)
  })
})
