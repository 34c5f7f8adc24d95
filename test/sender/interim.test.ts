import { setImmediate as turn } from "node:timers/promises"
import { expect, test } from "vitest"
import { onRequest, startPeer, startSender } from "./receivers.ts"

const CONTINUE = "HTTP/1.1 100 Continue\r\nx-a: b\r\n\r\n"
const HINTS = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
const CREATED = "HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok"

/** Responds to each request with these parts, each in its own event-loop turn, so that it is read separately. */
async function startAnswering(parts: Iterable<string>) {
  let connections = 0
  const peer = await startPeer((socket) => {
    connections++
    socket.setNoDelay()
    onRequest(socket, async () => {
      for (const part of parts) {
        socket.write(part)
        await turn()
        await turn()
      }
    })
  })
  return { url: peer.url, connections: () => connections }
}

test.each([
  ["100", [CONTINUE, CREATED]],
  ["100 and 103 in one piece with the answer", [CONTINUE + HINTS + CREATED]],
  ["103, then 100", [HINTS, CONTINUE, CREATED]],
  ["103, 100 and 100 in one piece", [HINTS + CONTINUE + CONTINUE, CREATED]],
  ["100 in two pieces", ["HTTP/1.1 10", "0 Continue\r\n\r\n", CREATED]],
  ["100 and 103 byte by byte", CONTINUE + HINTS + CONTINUE + CREATED],
])("ignores %s, on a fresh and on a used connection", async (_name, parts) => {
  const peer = await startAnswering(parts)
  const { send } = startSender()
  for (let i = 0; i < 2; i++) {
    expect((await send({ url: peer.url })).outcome).toMatchObject({ status: 201, excerpt: "ok" })
  }
  expect(peer.connections()).toBe(1)
})

test("does not change a body that looks like an interim response", async () => {
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${2 * CONTINUE.length}\r\n\r\n`
  const peer = await startAnswering([CONTINUE + head, CONTINUE, CONTINUE])
  const { outcome } = await startSender({ totalTimeoutMs: 2_000 }).send({ url: peer.url })
  expect(outcome).toMatchObject({ status: 200, excerpt: CONTINUE + CONTINUE })
})

test("mistakes no other status for a 100", async () => {
  const peer = await startAnswering([`HTTP/1.1 1000 Many\r\n\r\n${CREATED}`])
  const { outcome } = await startSender({ firstByteTimeoutMs: 2_000 }).send({ url: peer.url })
  expect(outcome).toEqual({ kind: "network", code: "HPE_INVALID" })
})
