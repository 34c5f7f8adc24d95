import { pino } from "pino"
import { expect, onTestFinished, test } from "vitest"
import { createHealthServer } from "../../../src/http/health/health-server.ts"

async function startHealth(metricsOpen: boolean) {
  const deps = {
    storeReady: async () => true,
    queueReady: () => true,
    shutdownDelayMs: 0,
    metricsOpen,
    isOperator: (key: string) => key === "right",
    onRefusedKey: () => {},
    metrics: async () => ({ contentType: "text/plain", text: "up 1" }),
  }
  const app = await createHealthServer(deps, pino({ level: "silent" }))
  onTestFinished(() => app.close())
  return async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization }
    return (await app.inject({ url: "/metrics", headers })).statusCode
  }
}

test("metrics require the operator's key unless they are configured as open", async () => {
  const read = await startHealth(false)
  expect([await read(), await read("Bearer wrong"), await read("Bearer right")]).toEqual([401, 401, 200])
  expect([await read("bearer right"), await read("right"), await read("Basic right")]).toEqual([200, 401, 401])
  expect(await (await startHealth(true))()).toBe(200)
})

test("after 30 failed keys in a minute further wrong keys are refused at once, and the correct key still works", async () => {
  const read = await startHealth(false)
  for (let count = 0; count < 30; count++) expect(await read(`Bearer guess${count}`)).toBe(401)
  expect([await read("Bearer guess"), await read("Bearer right")]).toEqual([429, 200])
})

test("requests without a key do not count as guesses and lock nobody out", async () => {
  const read = await startHealth(false)
  for (let count = 0; count < 40; count++) expect(await read()).toBe(401)
  expect(await read("Bearer right")).toBe(200)
})
