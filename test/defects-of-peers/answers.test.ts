import { gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import type { Outcome } from "../../src/core/delivery/outcome.ts"
import { DEFAULT_SCHEDULE_MS, judge } from "../../src/core/delivery/retry.ts"
import { onRequest, startPeer, startReceiver, startSender, until } from "../sender/receivers.ts"

const MB = 2 ** 20
const HEAD = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"

const firstVerdict = (outcome: Outcome) =>
  judge({ outcome, attempt: 1, schedule: DEFAULT_SCHEDULE_MS, nowMs: 0, random: 0 }).kind

describe("defects of peers, in what endpoints answer", () => {
  /** https://github.com/svix/svix-webhooks/tree/4fc0cfb, https://github.com/hook0/hook0/tree/86a9d66 */
  test("Svix, Hook0: a timeout for the head only, and a body without a limit", async () => {
    const dripping = await startPeer((socket) => {
      onRequest(socket, () => {
        socket.write(HEAD)
        const drip = setInterval(() => socket.write("x"), 5)
        socket.on("close", () => clearInterval(drip))
      })
    })
    const { outcome } = await startSender({ totalTimeoutMs: 300 }).send({ url: dripping.url })
    expect(outcome).toEqual({ kind: "timeout", phase: "total" })

    let closed = false
    const endless = await startReceiver((_request, response) => {
      const more = () => {
        while (!closed && response.write("x".repeat(65_536)));
      }
      response.on("close", () => {
        closed = true
      })
      response.on("drain", more).writeHead(200)
      more()
    })
    expect((await startSender().send({ url: endless.url })).outcome).toMatchObject({ kind: "response", status: 200 })
    await until(() => closed)
  })

  /** https://github.com/frain-dev/convoy/tree/2b60cc6 */
  test("Convoy: a limit that is applied before decompression", async () => {
    const bomb = gzipSync(Buffer.alloc(16 * MB))
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb)
    })
    const { outcome } = await startSender().send({ url: receiver.url })
    expect(receiver.requests[0]?.headers["accept-encoding"]).toBe("identity")
    const excerpt = outcome.kind === "response" ? outcome.excerpt : ""
    expect(Buffer.byteLength(excerpt)).toBeLessThanOrEqual(16 * 1024)
    expect(excerpt, "not inflated").not.toContain("\0")
  })

  /** https://github.com/hookdeck/outpost/tree/f67ae01, https://github.com/frain-dev/convoy/tree/2b60cc6 */
  test.each([301, 302, 303, 307, 308])("Outpost, Convoy: a redirect that is followed: %i", async (status) => {
    const elsewhere = await startReceiver()
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(status, { location: elsewhere.url }).end()
    })
    const { outcome } = await startSender().send({ url: receiver.url })
    expect(outcome).toMatchObject({ kind: "response", status })
    expect(elsewhere.connections).toHaveLength(0)
  })

  /** https://github.com/hookdeck/outpost/tree/f67ae01 */
  test.each([300, 301, 304, 399])("Outpost: 3xx counted as success: %i", (status) => {
    expect(firstVerdict({ kind: "response", status, retryAfterMs: null, excerpt: "" })).toBe("retry")
  })

  /** https://github.com/hookdeck/outpost/issues/314 */
  test.each(["ENOTFOUND", "ESERVFAIL", "EREFUSED", "ETIMEOUT"])(
    "Outpost: a DNS error that is not retried: %s",
    async (code) => {
      const resolve = () => Promise.reject(Object.assign(new Error(`queryA ${code}`), { code }))
      const { outcome } = await startSender({ resolve }).send({ url: "https://hooks.example/" })
      expect(["network", "timeout"]).toContain(outcome.kind)
      expect(firstVerdict(outcome)).toBe("retry")
    },
  )

  /** https://github.com/hookdeck/outpost/issues/974 */
  test("Outpost: an oversized response that is retried for ever", async () => {
    const receiver = await startReceiver((_request, response) => void response.end("x".repeat(MB)))
    const { outcome } = await startSender().send({ url: receiver.url })
    expect(outcome).toMatchObject({ kind: "response", status: 200 })
    expect(firstVerdict(outcome)).toBe("delivered")
  })

  /** https://support.zendesk.com/hc/en-us/articles/5787768576666, the post-mortem of June 2023 */
  test("Zendesk: a poison payload that stops everything", async () => {
    const receiver = await startReceiver()
    const { send } = startSender()
    const poisoned = { url: receiver.url, headers: { "x-poison": "a\nb" }, maxConcurrency: 1 }
    const healthy = { url: receiver.url, maxConcurrency: 1 }
    const outcomes = await Promise.all([poisoned, healthy, poisoned, healthy].map((request) => send(request)))
    expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(["fault", "response", "fault", "response"])
    expect(receiver.requests).toHaveLength(2)
  })
})
