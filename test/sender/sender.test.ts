import { expect, test } from "vitest"
import { startReceiver, startSender, until } from "./receivers.ts"

test("posts the exact body with the caller's headers and its own", async () => {
  const receiver = await startReceiver()
  const { send } = startSender()
  const body = '{"text":"äöå 🎉"}'
  const result = await send({ url: `${receiver.url}?a=1`, body, headers: { "webhook-id": "evt_1" }, nowMs: 1234 })
  expect(result.outcome).toEqual({ kind: "response", status: 200, retryAfterMs: null, excerpt: "ok" })
  expect(result.startedAtMs).toBe(1234)
  expect(Number.isInteger(result.durationMs)).toBe(true)
  const [request] = receiver.requests
  expect(request).toMatchObject({ method: "POST", url: "/hook?a=1", text: body })
  expect(request?.headers).toMatchObject({
    "webhook-id": "evt_1",
    "user-agent": "Onehook/1.2.3",
    "content-type": "application/json",
    "accept-encoding": "identity",
    "content-length": String(Buffer.byteLength(body)),
  })
})

test("uses one connection for requests that follow each other", async () => {
  const receiver = await startReceiver()
  const { send } = startSender()
  for (let i = 0; i < 5; i++) await send({ url: receiver.url })
  expect(receiver.requests).toHaveLength(5)
  expect(receiver.connections).toHaveLength(1)
})

test("reports the phases' durations, those of the connection once, and the remote address", async () => {
  const receiver = await startReceiver()
  const { send } = startSender()
  const first = await send({ url: receiver.url })
  const second = await send({ url: receiver.url })
  const ms = expect.any(Number)
  expect(first).toMatchObject({
    remoteAddress: "127.0.0.1",
    timings: { dns: ms, connect: ms, tls: null, firstByte: ms },
  })
  expect(second).toMatchObject({
    remoteAddress: "127.0.0.1",
    timings: { dns: null, connect: null, tls: null, firstByte: ms },
  })
})

test("reports no address of a socket that the policy refused", async () => {
  const receiver = await startReceiver()
  let asked = 0
  // The address is checked before the connection, and again once the socket is connected.
  const policy = { checkUrl: () => null, checkAddress: () => (asked++ === 0 ? null : "it leads inside") }
  const { outcome, remoteAddress, timings } = await startSender({ policy }).send({ url: receiver.url })
  expect([outcome.kind, asked, remoteAddress]).toEqual(["blocked", 2, null])
  expect(timings.firstByte).toBeNull()
})

test("does not follow a redirect, to the metadata service or to any other URL", async () => {
  const elsewhere = await startReceiver()
  for (const location of ["http://169.254.169.254/latest/meta-data/", elsewhere.url]) {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(307, { location }).end()
    })
    const { outcome } = await startSender().send({ url: receiver.url })
    expect(outcome).toMatchObject({ kind: "response", status: 307 })
    expect(receiver.requests).toHaveLength(1)
  }
  expect(elsewhere.connections).toHaveLength(0)
})

test.each([
  [429, "120", 120_000],
  [503, "0", 0],
  [500, "120", null],
  [503, "soon", null],
])("reads Retry-After of a %i: %s", async (status, header, retryAfterMs) => {
  const receiver = await startReceiver((_request, response) => {
    response.writeHead(status, { "retry-after": header }).end()
  })
  const { outcome } = await startSender().send({ url: receiver.url })
  expect(outcome).toEqual({ kind: "response", status, retryAfterMs, excerpt: "" })
})

test("reports a fault for a header that cannot be sent", async () => {
  const receiver = await startReceiver()
  const { outcome } = await startSender().send({ url: receiver.url, headers: { "x-a": "b\r\nx-c: d" } })
  expect(outcome).toMatchObject({ kind: "fault" })
  expect(JSON.stringify(outcome)).not.toContain("x-c")
  expect(receiver.requests).toHaveLength(0)
})

test("sends to a changed URL at once, and lets the request to the old one finish", async () => {
  const held: (() => void)[] = []
  const old = await startReceiver((_request, response) => void held.push(() => response.end("old")))
  const changed = await startReceiver()
  const { send } = startSender()
  const running = send({ url: old.url })
  await until(() => held.length === 1)
  expect((await send({ url: changed.url })).outcome).toMatchObject({ status: 200, excerpt: "ok" })
  held[0]?.()
  expect((await running).outcome).toMatchObject({ status: 200, excerpt: "old" })
})

test("waits for running requests when closed, and sends none afterwards", async () => {
  const held: (() => void)[] = []
  const receiver = await startReceiver((_request, response) => void held.push(() => response.end()))
  const { send, close } = startSender()
  const running = send({ url: receiver.url })
  await until(() => held.length === 1)
  const closed = close()
  expect((await send({ url: receiver.url })).outcome).toMatchObject({ kind: "fault" })
  held[0]?.()
  await closed
  expect((await running).outcome).toMatchObject({ status: 200 })
  expect(receiver.requests).toHaveLength(1)
})
