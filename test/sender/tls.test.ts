import type { TLSSocket } from "node:tls"
import { expect, test } from "vitest"
import { createAddressPolicy } from "../../src/sender/address-policy.ts"
import { createCertificate } from "./certificate.ts"
import { startPeer, startReceiver, startSender, startTlsReceiver, until } from "./receivers.ts"

const resolve = async () => ["127.0.0.1"]

function policyFor(port: number) {
  return createAddressPolicy({ allowLoopback: true, allowedPorts: [port] })
}

test("connects to the checked address under the original name, in TLS and in Host", async () => {
  const tls = createCertificate("hooks.example")
  const seen: unknown[] = []
  const receiver = await startTlsReceiver(tls, ({ headers, socket }, response) => {
    seen.push(headers.host, "servername" in socket && socket.servername)
    response.end()
  })
  const { send } = startSender({ ca: tls.cert, resolve, policy: policyFor(receiver.port) })
  const { outcome, timings } = await send({ url: `https://hooks.example:${receiver.port}/hook` })
  expect(outcome).toMatchObject({ kind: "response", status: 200 })
  expect(timings.tls).toEqual(expect.any(Number))
  expect(seen).toEqual([`hooks.example:${receiver.port}`, "hooks.example"])
})

test("refuses a certificate of another name", async () => {
  const tls = createCertificate("other.example")
  const receiver = await startTlsReceiver(tls)
  const { send } = startSender({ ca: tls.cert, resolve, policy: policyFor(receiver.port) })
  const { outcome } = await send({ url: `https://hooks.example:${receiver.port}/hook` })
  expect(outcome).toEqual({ kind: "network", code: "ERR_TLS_CERT_ALTNAME_INVALID" })
  expect(receiver.requests).toHaveLength(0)
})

test("refuses a certificate without a trusted authority", async () => {
  const receiver = await startTlsReceiver(createCertificate("hooks.example"))
  const { send } = startSender({ resolve, policy: policyFor(receiver.port) })
  const { outcome } = await send({ url: `https://hooks.example:${receiver.port}/hook` })
  expect(outcome).toEqual({ kind: "network", code: "DEPTH_ZERO_SELF_SIGNED_CERT" })
  expect(receiver.requests).toHaveLength(0)
})

test("resumes the TLS session on a further connection", async () => {
  const tls = createCertificate("hooks.example")
  const reused: boolean[] = []
  const receiver = await startTlsReceiver(tls, ({ socket }, response) => {
    reused.push((socket as TLSSocket).isSessionReused())
    response.writeHead(200, { connection: "close" }).end()
  })
  const { send } = startSender({ ca: tls.cert, resolve, policy: policyFor(receiver.port) })
  for (let i = 0; i < 2; i++) {
    expect((await send({ url: `https://hooks.example:${receiver.port}/hook` })).outcome).toMatchObject({ status: 200 })
  }
  expect(reused).toEqual([false, true])
})

test("times out if a peer accepts the connection and never starts TLS", async () => {
  let closed = false
  const peer = await startPeer((socket) => {
    socket.resume().on("close", () => {
      closed = true
    })
  })
  const { send } = startSender({ resolve, policy: policyFor(peer.port), connectTimeoutMs: 50 })
  const { outcome } = await send({ url: `https://hooks.example:${peer.port}/hook` })
  expect(outcome).toEqual({ kind: "timeout", phase: "connect" })
  await until(() => closed)
})

test("reports a peer that does not speak TLS", async () => {
  const receiver = await startReceiver()
  const { send } = startSender({ resolve, policy: policyFor(receiver.port) })
  const { outcome } = await send({ url: `https://hooks.example:${receiver.port}/hook` })
  expect(outcome).toMatchObject({ kind: "network", code: expect.stringMatching(/^(ERR_SSL|EPROTO|ECONNRESET)/) })
})
