import { Agent, request } from "node:http"
import { expect, onTestFinished, test } from "vitest"
import { healthRoutes } from "../../../src/http/health/health.ts"
import { useApi } from "../harness.ts"

/** Longer than the requests of a test take under load. */
const SHUTDOWN_DELAY_MS = 2_000

let storeReady = async () => true
const api = useApi({
  plugins: [
    healthRoutes({
      storeReady: () => storeReady(),
      queueReady: () => true,
      shutdownDelayMs: SHUTDOWN_DELAY_MS,
      metricsOpen: true,
      isOperator: () => false,
      onRefusedKey: () => {},
      metrics: async () => ({ contentType: "text/plain", text: "" }),
    }),
  ],
})

test("a gateway that stops says so, serves what arrives for a while, and finishes what is under way", async () => {
  const url = await api().app.listen({ host: "127.0.0.1", port: 0 })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  expect(await get(`${url}/readyz`, agent)).toEqual({ status: 200, state: "ok", connection: "keep-alive" })

  const underWay = Promise.withResolvers<boolean>()
  const asked = Promise.withResolvers<void>()
  storeReady = () => {
    asked.resolve()
    return underWay.promise
  }
  const slow = get(`${url}/readyz`)
  await asked.promise
  storeReady = async () => true

  let closed = false
  const closing = api()
    .app.close()
    .then(() => {
      closed = true
    })
  // Over the connection that was kept alive, and over a new one.
  for (let turn = 0; turn < 2; turn++)
    expect(await get(`${url}/readyz`, agent)).toEqual({ status: 503, state: "stopping", connection: "close" })
  expect(await get(`${url}/livez`)).toMatchObject({ status: 200, connection: "close" })
  await expect.poll(() => get(`${url}/livez`).catch(({ code }) => code), { timeout: 10_000 }).toBe("ECONNREFUSED")
  expect(closed).toBe(false)
  underWay.resolve(true)
  expect(await slow).toMatchObject({ status: 503, state: "stopping" })
  await closing
})

function get(url: string, agent: Agent | false = false) {
  return new Promise<{ status: number | undefined; state: string; connection: string | undefined }>(
    (resolve, reject) => {
      const sent = request(url, { agent }, async (response) => {
        const { status } = JSON.parse(Buffer.concat(await response.toArray()).toString())
        resolve({ status: response.statusCode, state: status, connection: response.headers.connection })
      })
      sent.on("error", reject).end()
    },
  )
}
