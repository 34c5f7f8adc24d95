import { gzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { judge } from "../../src/core/delivery/retry.ts"
import { onRequest, startPeer, startReceiver, startSender, until } from "./receivers.ts"

const HEAD = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"

test("times out if an endpoint takes the request and never responds", async () => {
  const receiver = await startReceiver(() => {})
  const { outcome } = await startSender({ firstByteTimeoutMs: 50 }).send({ url: receiver.url })
  expect(outcome).toEqual({ kind: "timeout", phase: "first_byte" })
  await until(() => receiver.connections[0]?.destroyed === true)
})

test("times out if the response's head arrives too slowly", async () => {
  const peer = await startPeer((socket) => {
    onRequest(socket, () => {
      socket.write("HTTP/1.1 200 OK\r\n")
      const drip = setInterval(() => socket.write("x-a: b\r\n"), 5)
      socket.on("close", () => clearInterval(drip))
    })
  })
  const { outcome } = await startSender({ firstByteTimeoutMs: 100 }).send({ url: peer.url })
  expect(outcome).toEqual({ kind: "timeout", phase: "first_byte" })
})

test("aborts a body that is still arriving at the total deadline", async () => {
  let closed = false
  const peer = await startPeer((socket) => {
    onRequest(socket, () => {
      socket.write(HEAD)
      const drip = setInterval(() => socket.write("x"), 5)
      socket.on("close", () => {
        clearInterval(drip)
        closed = true
      })
    })
  })
  const { outcome } = await startSender({ totalTimeoutMs: 300 }).send({ url: peer.url })
  expect(outcome).toEqual({ kind: "timeout", phase: "total" })
  await until(() => closed)
})

test("aborts chunks and trailers that arrive too slowly", async () => {
  for (const part of ["1\r\nx\r\n", "x-trailer: y\r\n"]) {
    const peer = await startPeer((socket) => {
      onRequest(socket, () => {
        const start = part.startsWith("x") ? "0\r\n" : ""
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${start}`)
        const drip = setInterval(() => socket.write(part), 5)
        socket.on("close", () => clearInterval(drip))
      })
    })
    const { outcome } = await startSender({ totalTimeoutMs: 150 }).send({ url: peer.url })
    expect(outcome).toEqual({ kind: "timeout", phase: "total" })
  }
})

test("times out if an endpoint does not read the request", async () => {
  const peer = await startPeer((socket) => void socket.pause())
  const { outcome } = await startSender({ firstByteTimeoutMs: 100 }).send({
    url: peer.url,
    body: "x".repeat(20_000_000),
  })
  expect(outcome).toEqual({ kind: "timeout", phase: "first_byte" })
})

test("accepts the response of an endpoint that does not read, and sends no more on that connection", async () => {
  let connections = 0
  const peer = await startPeer((socket) => {
    connections++
    socket.once("readable", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))
  })
  const { send } = startSender({ firstByteTimeoutMs: 2_000 })
  const request = { url: peer.url, body: "x".repeat(20_000_000), maxConcurrency: 1 }
  for (let i = 0; i < 3; i++) expect((await send(request)).outcome).toMatchObject({ kind: "response", status: 200 })
  expect(connections).toBe(3)
})

test("an oversized response is a response: its delivery is retried as often as any other, not for ever", async () => {
  const receiver = await startReceiver((_request, response) => {
    response.writeHead(500, { "content-length": 100 * 1024 * 1024 }).write("x".repeat(1024 * 1024))
  })
  const { outcome } = await startSender().send({ url: receiver.url })
  expect(outcome).toMatchObject({ kind: "response", status: 500 })
  const judged = { outcome, schedule: [0, 1_000], nowMs: 0, random: 0 }
  expect([1, 2].map((attempt) => judge({ ...judged, attempt }).kind)).toEqual(["retry", "exhausted"])
})

test("stops reading an endless body, and still counts its status", async () => {
  let written = 0
  let closed = false
  const receiver = await startReceiver((_request, response) => {
    response.on("close", () => {
      closed = true
    })
    const more = () => {
      while (!closed && response.write("x".repeat(16_384))) written += 16_384
    }
    response.on("drain", more).writeHead(201)
    more()
  })
  const { outcome } = await startSender().send({ url: receiver.url })
  expect(outcome).toMatchObject({ kind: "response", status: 201, excerpt: "x".repeat(16_384) })
  await until(() => closed)
  expect(written).toBeLessThan(100 * 1024 * 1024)
})

test("reads a complete body of 64 KB and keeps the connection", async () => {
  const receiver = await startReceiver((_request, response) => void response.end("x".repeat(65_536)))
  const { send } = startSender()
  for (let i = 0; i < 2; i++) expect((await send({ url: receiver.url })).outcome).toMatchObject({ status: 200 })
  expect(receiver.connections).toHaveLength(1)
})

test("does not decompress a gzip bomb", async () => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024))
  const receiver = await startReceiver((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb)
  })
  const { outcome } = await startSender().send({ url: receiver.url })
  expect(outcome).toMatchObject({ kind: "response", status: 200 })
  const excerpt = outcome.kind === "response" ? outcome.excerpt : ""
  expect(Buffer.byteLength(excerpt)).toBeLessThanOrEqual(16_384)
  expect(excerpt.startsWith("\u001f\ufffd")).toBe(true)
})

test("reports a refused connection, and connects again the next time", async () => {
  const gone = await startPeer(() => {})
  const { send } = startSender()
  const refused = `http://127.0.0.2:${gone.port}/`
  for (let i = 0; i < 3; i++) {
    expect((await send({ url: refused })).outcome).toEqual({ kind: "network", code: "ECONNREFUSED" })
  }
})

test("reports a connection reset in the middle of a response, though its status was 200", async () => {
  const peer = await startPeer((socket) => {
    onRequest(socket, () => socket.write(`${HEAD}part`, () => socket.resetAndDestroy()))
  })
  expect((await startSender().send({ url: peer.url })).outcome).toEqual({ kind: "network", code: "ECONNRESET" })
})

test.each([
  ["ends in the middle of a response", (socket: { end(text: string): void }) => socket.end(`${HEAD}part`)],
  ["closes without an answer", (socket: { end(text: string): void }) => socket.end("")],
])("reports an endpoint that %s", async (_name, behave) => {
  const peer = await startPeer((socket) => onRequest(socket, () => behave(socket)))
  expect((await startSender().send({ url: peer.url })).outcome).toEqual({ kind: "network", code: "ECONNRESET" })
})

test.each(["content-length: 2", "content-length: 5", "transfer-encoding: chunked"])(
  "reports a head with a content-length and also %s, which is no reset",
  async (also) => {
    const peer = await startPeer((socket) => {
      onRequest(socket, () => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${also}\r\n\r\nok`))
    })
    const { outcome } = await startSender().send({ url: peer.url })
    expect(outcome).toEqual({ kind: "network", code: "HPE_UNEXPECTED_CONTENT_LENGTH" })
  },
)

test("reports a head that is cut off after its content-length as a reset", async () => {
  const peer = await startPeer((socket) => {
    onRequest(socket, () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: b"))
  })
  expect((await startSender().send({ url: peer.url })).outcome).toEqual({ kind: "network", code: "ECONNRESET" })
})

test("reports a response that is not HTTP", async () => {
  const peer = await startPeer((socket) => onRequest(socket, () => socket.write("SSH-2.0-OpenSSH_9.2\r\n")))
  const { outcome } = await startSender().send({ url: peer.url })
  expect(outcome).toMatchObject({ kind: "network", code: expect.stringMatching(/^HPE_/) })
})

test.each(["000 None", "099 Low", "101 Switching Protocols"])("reports a response of %s", async (status) => {
  const peer = await startPeer((socket) => {
    onRequest(socket, () => socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`))
  })
  const { send } = startSender({ firstByteTimeoutMs: 2_000 })
  for (let i = 0; i < 2; i++) {
    expect((await send({ url: peer.url })).outcome).toEqual({ kind: "network", code: "HPE_INVALID_STATUS" })
  }
})

test("reports a head that is too long", async () => {
  const peer = await startPeer((socket) => {
    onRequest(socket, () => socket.write(`HTTP/1.1 200 OK\r\nx-a: ${"b".repeat(100_000)}\r\n\r\n`))
  })
  expect((await startSender().send({ url: peer.url })).outcome).toEqual({
    kind: "network",
    code: "HPE_HEADER_OVERFLOW",
  })
})
