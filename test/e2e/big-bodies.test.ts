import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { Readable } from "node:stream"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Instance, sign } from "../support/onehook.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const LONGEST = 4 * 1024 * 1024
/** This many bodies of maximum length fill the limit of one address. */
const MOST_OF_ADDRESS = 8
/** This many addresses fill the limit of all. */
const ADDRESSES = 4

const sized = (bytes: number) => `{"object":"page","entry":[],"padding":"${"x".repeat(bytes)}"}`

describeSizes(
  "big bodies",
  ({ install }) => {
    let installation: Installation
    let gateway: Instance
    const sockets: Socket[] = []

    beforeAll(async () => {
      installation = await install()
      gateway = await installation.startAll({ TRUST_PROXY: "loopback" })
    })
    afterAll(async () => {
      cutAll()
      await installation?.remove()
    })

    /** A body of which so many bytes arrive, and no more. */
    async function begin(bytes: number, address: string): Promise<void> {
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1")
      sockets.push(socket)
      await once(socket, "connect")
      socket.on("error", () => {})
      const head = `POST /webhooks/facebook HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${address}\r\n`
      socket.write(`${head}content-length: ${LONGEST}\r\n\r\n${"x".repeat(bytes)}`)
    }

    const from = (address: string) => ({ "x-forwarded-for": address })
    const MINE = "203.0.113.200"
    const post = (bytes: number, address = MINE) =>
      fetch(`${gateway.url}/webhooks/facebook`, {
        method: "POST",
        headers: { "x-hub-signature-256": sign(sized(bytes)), ...from(address) },
        body: sized(bytes),
      })
    /** A body without a Content-Length. */
    const postChunked = (bytes: number) =>
      fetch(`${gateway.url}/webhooks/facebook`, {
        method: "POST",
        headers: { "x-hub-signature-256": sign(sized(bytes)), ...from(MINE) },
        body: Readable.from([sized(bytes)]),
        duplex: "half",
      })
    const isRefused = (address: string) =>
      until(async () => {
        const answer = await post(100_000, address)
        return answer.status === 503 && answer
      }, "the room to be full")
    function cutAll() {
      for (const socket of sockets.splice(0)) socket.destroy()
    }

    async function overloaded(): Promise<number> {
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
      return Number(/^onehook_webhooks_total\{.*overloaded.*\} (\d+)$/m.exec(metrics)?.[1])
    }

    test("that are only announced take no room", async () => {
      for (let number = 0; number < 2 * ADDRESSES * MOST_OF_ADDRESS; number++) await begin(1, MINE)
      expect((await post(100_000)).status).toBe(200)
      expect((await postChunked(100_000)).status).toBe(200)
      expect((await post(LONGEST - 1_000)).status).toBe(200)
      cutAll()
    })

    test("held open by one sender block only large bodies of the same sender", async () => {
      for (let number = 0; number < MOST_OF_ADDRESS; number++) await begin(LONGEST - 1, MINE)
      await isRefused(MINE)
      expect((await post(1_000)).status).toBe(200)
      expect((await post(LONGEST - 1_000, "203.0.113.201")).status).toBe(200)
      cutAll()
      await until(async () => (await post(100_000)).status === 200, "room")
    })

    test("held open by many senders do not block small bodies, and block large ones only while they last", async () => {
      for (let address = 0; address < ADDRESSES; address++)
        for (let number = 0; number < MOST_OF_ADDRESS; number++) await begin(LONGEST - 1, `203.0.113.${address}`)
      const refused = await isRefused(MINE)
      expect(refused.headers.get("retry-after")).toBe("2")
      expect(await refused.json()).toMatchObject({ code: "overloaded" })
      const counted = await overloaded()
      expect((await postChunked(100_000)).status).toBe(503)
      expect(await overloaded()).toBe(counted + 1)
      expect((await post(1_000)).status).toBe(200)
      expect((await postChunked(1_000)).status).toBe(200)
      cutAll()
      await until(async () => (await post(100_000)).status === 200, "room")
      expect((await postChunked(100_000)).status).toBe(200)
      const many = 2 * ADDRESSES * MOST_OF_ADDRESS
      for (let number = 0; number < many; number++) expect((await postChunked(LONGEST - 1_000)).status).toBe(200)
    })
  },
  ({ apart }) => !apart,
)
