import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { hasEnded } from "../../bench/support/processes.ts"
import { addTenant, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

/** With its envelope 4 MB, the maximum body size. */
const MOST = "x".repeat(4 * 1024 * 1024 - 512)
/** Longer strings are stored outside the heap, where its limit does not apply. */
const MUCH = "x".repeat(1_000_000)
const ENDPOINTS = 4
const TEXTS = [MOST, ...Array.from({ length: 18 }, () => MUCH)]
/** Less than the due events need. */
const SMALL = { NODE_OPTIONS: "--max-old-space-size=128" }

/** Records only each request's path and whether its body was complete. */
async function startSink() {
  const requests: { to: string; length: number }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk) => chunks.push(chunk))
    request.on("end", () => {
      const { message, raw } = JSON.parse(Buffer.concat(chunks).toString())
      const length = message.body === raw.item.message.text ? message.body.length : 0
      requests.push({ to: `${request.url} ${request.headers["webhook-id"]}`, length })
      response.end()
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => server.close().closeAllConnections(),
  }
}

describeSizes(
  "webhooks of 4 MB",
  (size) => {
    let installation: Installation
    let gateway: Instance
    let sink: Awaited<ReturnType<typeof startSink>>

    beforeAll(async () => {
      sink = await startSink()
      installation = await size.install()
      gateway = await (size.apart ? installation.startRole("gateway") : installation.startAll(SMALL))
    })
    afterAll(async () => {
      await installation?.remove()
      sink?.close()
    })

    test("and smaller ones that wait are delivered complete, once each, by a process that could not hold them all in memory", async () => {
      const endpoint = (number: number) => ({ url: `${sink.url}/${number}`, include_raw: true, status: "paused" })
      const tenant = await addTenant(gateway.url, endpoint(0))
      const endpointIds = [tenant.endpointId]
      for (let number = 1; number < ENDPOINTS; number++) {
        endpointIds.push((await tenant.call<{ id: string }>("POST", "/v1/endpoints", endpoint(number))).id)
      }
      for (const text of TEXTS) {
        const answer = await postWebhook(gateway.url, messengerText(tenant.pageId, randomUUID(), text))
        expect(answer.status).toBe(200)
      }
      for (const id of endpointIds) await tenant.call("POST", `/v1/endpoints/${id}/enable`, { recover: "held" })
      const dispatcher = size.apart ? await installation.startRole("dispatcher", SMALL) : gateway
      await until(() => {
        if (hasEnded(dispatcher.child)) throw new Error(`the dispatcher ended: ${dispatcher.output().slice(-300)}`)
        return sink.requests.length >= ENDPOINTS * TEXTS.length
      }, "all to arrive")
      await until(async () => {
        const { data } = await tenant.call<{ data: { state: string }[] }>("GET", "/v1/deliveries?limit=250")
        return data.every(({ state }) => state === "delivered")
      }, "all to be recorded")
      const byRequest = [...Map.groupBy(sink.requests, ({ to }) => to).values()]
      const lengths = byRequest.map(([one, ...more]) => [one?.length, more.length])
      const expected = TEXTS.flatMap((text) => Array.from({ length: ENDPOINTS }, () => [text.length, 0]))
      expect(lengths.sort()).toEqual(expected.sort())
    }, 60_000)
  },
  ({ apart, redis }) => !apart || redis,
)
