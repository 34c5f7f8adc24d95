import type { ServerResponse } from "node:http"
import { expect, test } from "vitest"
import { startReceiver, startSender, until } from "./receivers.ts"

test("respects the endpoint's concurrency, and sends the rest as responses arrive", async () => {
  const held: ServerResponse[] = []
  let answered = 0
  let most = 0
  const receiver = await startReceiver((_request, response) => {
    held.push(response)
    most = Math.max(most, held.length - answered)
  })
  const { send } = startSender()
  const sent = Array.from({ length: 10 }, () => send({ url: receiver.url, maxConcurrency: 3 }))
  while (answered < 10) {
    await until(() => held.length === Math.min(10, answered + 3))
    held[answered++]?.end()
  }
  for (const { outcome } of await Promise.all(sent)) expect(outcome).toMatchObject({ status: 200 })
  expect(most).toBe(3)
  expect(receiver.connections).toHaveLength(3)
})

test("sends to one endpoint while all connections of another on the same origin hang", async () => {
  const receiver = await startReceiver((request, response) => {
    if (request.url === "/healthy") response.end("ok")
  })
  const { send } = startSender({ firstByteTimeoutMs: 60_000, totalTimeoutMs: 60_000 })
  const { origin } = new URL(receiver.url)
  for (let i = 0; i < 20; i++) void send({ endpointId: "ep_hanging", url: `${origin}/hanging`, maxConcurrency: 5 })
  await until(() => receiver.requests.length === 5)
  const healthy = await send({ endpointId: "ep_healthy", url: `${origin}/healthy`, maxConcurrency: 5 })
  expect(healthy.outcome).toMatchObject({ kind: "response", status: 200 })
  expect(receiver.requests.filter(({ url }) => url === "/hanging")).toHaveLength(5)
  for (const socket of receiver.connections) socket.destroy()
})

test("counts the wait for a free connection towards the total deadline", async () => {
  const receiver = await startReceiver(() => {})
  const { send } = startSender({ totalTimeoutMs: 100 })
  const first = send({ url: receiver.url, maxConcurrency: 1 })
  const waiting = send({ url: receiver.url, maxConcurrency: 1 })
  expect((await first).outcome).toEqual({ kind: "timeout", phase: "total" })
  expect((await waiting).outcome).toEqual({ kind: "timeout", phase: "total" })
})
