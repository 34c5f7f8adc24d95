import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { Readable } from "node:stream"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Instance, postWebhook, sign } from "../support/onehook.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const LONGEST = 4 * 1024 * 1024
/** This many bodies of maximum length fill the limit. */
const MOST = 32

const sized = (bytes: number) => `{"object":"page","entry":[],"padding":"${"x".repeat(bytes)}"}`

describeSizes(
  "big bodies",
  ({ install }) => {
    let installation: Installation
    let gateway: Instance
    const sockets: Socket[] = []

    beforeAll(async () => {
      installation = await install()
      gateway = await installation.startAll()
    })
    afterAll(async () => {
      for (const socket of sockets) socket.destroy()
      await installation?.remove()
    })

    /** A body that is announced but does not arrive. */
    async function announce(): Promise<void> {
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1")
      sockets.push(socket)
      await once(socket, "connect")
      socket.on("error", () => {})
      socket.write(`POST /webhooks/facebook HTTP/1.1\r\nhost: x\r\ncontent-length: ${LONGEST}\r\n\r\n{`)
    }

    const post = (bytes: number) => postWebhook(gateway.url, sized(bytes))
    /** A body without a Content-Length. */
    const postChunked = (bytes: number) =>
      fetch(`${gateway.url}/webhooks/facebook`, {
        method: "POST",
        headers: { "x-hub-signature-256": sign(sized(bytes)) },
        body: Readable.from([sized(bytes)]),
        duplex: "half",
      })

    async function overloaded(): Promise<number> {
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
      return Number(/^onehook_webhooks_total\{.*overloaded.*\} (\d+)$/m.exec(metrics)?.[1])
    }

    test("held open by many senders do not block small bodies, and block large ones only while they last", async () => {
      for (let number = 0; number < MOST; number++) await announce()
      const refused = await until(async () => {
        const answer = await post(100_000)
        return answer.status === 503 && answer
      }, "the room to be full")
      expect(refused.headers.get("retry-after")).toBe("2")
      expect(await refused.json()).toMatchObject({ code: "overloaded" })
      const counted = await overloaded()
      expect((await postChunked(100_000)).status).toBe(503)
      expect(await overloaded()).toBe(counted + 1)
      expect((await post(1_000)).status).toBe(200)
      expect((await postChunked(1_000)).status).toBe(200)
      for (const socket of sockets) socket.destroy()
      await until(async () => (await post(100_000)).status === 200, "room")
      expect((await postChunked(100_000)).status).toBe(200)
      for (let number = 0; number < MOST; number++) expect((await postChunked(LONGEST - 1_000)).status).toBe(200)
    })
  },
  ({ apart }) => !apart,
)
