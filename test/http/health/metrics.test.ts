import { pino } from "pino"
import { expect, onTestFinished, test } from "vitest"
import { createHealthServer } from "../../../src/http/health/health-server.ts"

async function startHealth(metricsOpen: boolean) {
  const deps = {
    storeReady: async () => true,
    queueReady: () => true,
    metricsOpen,
    isOperator: (authorization: string) => authorization === "Bearer right",
    metrics: async () => ({ contentType: "text/plain", text: "up 1" }),
  }
  const app = await createHealthServer(deps, pino({ level: "silent" }))
  onTestFinished(() => app.close())
  return async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization }
    return (await app.inject({ url: "/metrics", headers })).statusCode
  }
}

test("the metrics are the operator's, or everyone's where nobody else can reach the process", async () => {
  const read = await startHealth(false)
  expect([await read(), await read("Bearer wrong"), await read("Bearer right")]).toEqual([401, 401, 200])
  expect(await (await startHealth(true))()).toBe(200)
})

test("after 30 refused keys in a minute the right one is refused as well, so that guessing gains nothing", async () => {
  const read = await startHealth(false)
  for (let count = 0; count < 30; count++) expect(await read(`Bearer guess${count}`)).toBe(401)
  expect(await read("Bearer right")).toBe(429)
})

test("requests without a key guess nothing, and lock nobody out", async () => {
  const read = await startHealth(false)
  for (let count = 0; count < 40; count++) expect(await read()).toBe(401)
  expect(await read("Bearer right")).toBe(200)
})
