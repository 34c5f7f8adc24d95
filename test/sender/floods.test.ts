import { expect, test } from "vitest"
import { onRequest, startPeer, startSender, until } from "./receivers.ts"

const CHUNKED = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n"
const EMPTY = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
const MOST = 32 * 1024 * 1024

/** Responds with a beginning, and then repeats the same bytes for as long as the client reads. */
async function startFlood(beginning: string, part: string) {
  const flood = { written: 0, closed: false }
  const block = part.repeat(Math.ceil(65_536 / part.length))
  const peer = await startPeer((socket) => {
    socket.on("close", () => {
      flood.closed = true
    })
    const more = () => {
      while (!flood.closed && socket.write(block)) flood.written += block.length
    }
    onRequest(socket, () => {
      socket.write(beginning)
      socket.on("drain", more)
      more()
    })
  })
  return { url: peer.url, flood }
}

test.each([
  ["interim responses", "HTTP/1.1 102 Processing\r\n\r\n"],
  ["empty lines", "\r\n"],
])("cuts off endless %s before an answer", async (_name, part) => {
  const { url, flood } = await startFlood("", part)
  const { outcome } = await startSender({ firstByteTimeoutMs: 3_000 }).send({ url })
  expect(outcome).toEqual({ kind: "network", code: "HPE_HEADER_OVERFLOW" })
  await until(() => flood.closed)
  expect(flood.written).toBeLessThan(MOST)
})

test.each([
  ["extension of a chunk", `${CHUNKED}1;`, "a"],
  ["row of chunks of a byte", CHUNKED, "1\r\na\r\n"],
])("cuts off an endless %s, and still counts the status", async (_name, beginning, part) => {
  const { url, flood } = await startFlood(beginning, part)
  const { outcome } = await startSender({ totalTimeoutMs: 3_000 }).send({ url })
  expect(outcome).toMatchObject({ kind: "response", status: 201 })
  await until(() => flood.closed)
  expect(flood.written).toBeLessThan(MOST)
})

test("aborts endless empty lines after a response", async () => {
  const { url, flood } = await startFlood(EMPTY, "\r\n")
  expect((await startSender().send({ url })).outcome).toMatchObject({ kind: "response", status: 200 })
  await until(() => flood.closed)
  expect(flood.written).toBeLessThan(MOST)
})

test("counts separately for each request on a connection", async () => {
  let connections = 0
  const body = "x".repeat(60_000)
  const peer = await startPeer((socket) => {
    connections++
    onRequest(socket, () => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`))
  })
  const { send } = startSender()
  for (let i = 0; i < 6; i++) expect((await send({ url: peer.url })).outcome).toMatchObject({ status: 200 })
  expect(connections).toBe(1)
})
