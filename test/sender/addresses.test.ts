import { expect, test } from "vitest"
import { type AddressPolicy, createAddressPolicy } from "../../src/sender/address-policy.ts"
import { createResolveHost } from "../../src/sender/resolve-host.ts"
import { startPeer, startReceiver, startSender } from "./receivers.ts"

const blocked = (range: string) => ({ kind: "blocked", reason: `the address is special-purpose (${range})` })

/** Allows every URL, so that only the check at the connection counts. */
function anyUrl(policy: AddressPolicy): AddressPolicy {
  return { ...policy, checkUrl: () => null }
}

test("blocks a URL that the policy refuses, without a connection", async () => {
  const receiver = await startReceiver()
  const { send } = startSender({ policy: createAddressPolicy({ allowedPorts: [receiver.port] }) })
  const hosts = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:7f00:1]"]
  for (const host of hosts) {
    for (const scheme of ["http", "https"]) {
      const { outcome } = await send({ url: `${scheme}://${host}:${receiver.port}/hook` })
      expect(outcome.kind).toBe("blocked")
    }
  }
  expect((await send({ url: "no url" })).outcome.kind).toBe("blocked")
  expect(receiver.connections).toHaveLength(0)
})

test("blocks localhost, resolved by the system, when loopback is not allowed", async () => {
  const receiver = await startReceiver()
  const { send } = startSender({ policy: anyUrl(createAddressPolicy()) })
  const { outcome } = await send({ url: `http://localhost:${receiver.port}/hook` })
  expect(outcome).toEqual(blocked("loopback"))
  expect(receiver.connections).toHaveLength(0)
})

test("reaches localhost when loopback is allowed", async () => {
  const receiver = await startReceiver()
  const { outcome } = await startSender().send({ url: `http://localhost:${receiver.port}/hook` })
  expect(outcome).toMatchObject({ kind: "response", status: 200 })
})

test("blocks a name as soon as one of its addresses is special-purpose", async () => {
  const receiver = await startReceiver()
  const policy = anyUrl(createAddressPolicy({ allowedCidrs: ["127.0.0.1/32"] }))
  const { send } = startSender({ policy, resolve: async () => ["127.0.0.1", "10.0.0.1"] })
  expect((await send({ url: `http://hooks.example:${receiver.port}/` })).outcome).toEqual(blocked("private"))
  expect(receiver.connections).toHaveLength(0)
})

test("checks a name again for each connection, so that a change to an internal address is blocked", async () => {
  const receiver = await startReceiver((_request, response) => {
    response.writeHead(200, { connection: "close" }).end()
  })
  const answers = [["127.0.0.1"], ["169.254.169.254"]]
  const { send } = startSender({
    policy: anyUrl(createAddressPolicy({ allowedCidrs: ["127.0.0.1/32"] })),
    resolve: async () => answers.shift() ?? [],
  })
  const url = `http://hooks.example:${receiver.port}/`
  expect((await send({ url })).outcome).toMatchObject({ kind: "response", status: 200 })
  expect((await send({ url })).outcome).toEqual(blocked("link-local"))
})

test("resolves a name once per connection", async () => {
  const receiver = await startReceiver()
  let resolved = 0
  const { send } = startSender({
    policy: anyUrl(createAddressPolicy({ allowLoopback: true })),
    resolve: async () => {
      resolved++
      return ["127.0.0.1"]
    },
  })
  for (let i = 0; i < 3; i++) await send({ url: `http://hooks.example:${receiver.port}/` })
  expect(receiver.requests).toHaveLength(3)
  expect(resolved).toBe(1)
})

test("checks the socket's actual address, and sends nothing to a forbidden one", async () => {
  const heard: unknown[] = []
  const peer = await startPeer((socket) => void socket.on("data", (chunk) => heard.push(chunk)))
  for (const scheme of ["http", "https"]) {
    const verdicts = [null, "moved"]
    const policy = { checkUrl: () => null, checkAddress: () => verdicts.shift() ?? null }
    const { outcome } = await startSender({ policy }).send({ url: `${scheme}://127.0.0.1:${peer.port}/hook` })
    expect(outcome).toEqual({ kind: "blocked", reason: "moved" })
  }
  expect(heard).toHaveLength(0)
})

test("tries a name's next address if the first does not accept the connection", async () => {
  const receiver = await startReceiver()
  const { send } = startSender({
    policy: anyUrl(createAddressPolicy({ allowLoopback: true })),
    resolve: async () => ["127.0.0.2", "127.0.0.1"],
  })
  const { outcome } = await send({ url: `http://hooks.example:${receiver.port}/` })
  expect(outcome).toMatchObject({ kind: "response", status: 200 })
})

test("reports a name that does not exist", async () => {
  const unknown = Object.assign(new Error("queryA ENOTFOUND"), { code: "ENOTFOUND" })
  const { send } = startSender({ resolve: () => Promise.reject(unknown), policy: anyUrl(createAddressPolicy()) })
  expect((await send({ url: "https://hooks.example/" })).outcome).toEqual({ kind: "network", code: "ENOTFOUND" })
  const empty = startSender({ resolve: async () => [], policy: anyUrl(createAddressPolicy()) })
  expect((await empty.send({ url: "https://hooks.example/" })).outcome).toEqual({ kind: "network", code: "ENOTFOUND" })
})

test("gives up on name servers that do not answer", async () => {
  const policy = createAddressPolicy()
  const silent = startSender({ policy, dnsTimeoutMs: 30, resolve: () => new Promise(() => {}) })
  expect((await silent.send({ url: "https://hooks.example/" })).outcome).toEqual({ kind: "timeout", phase: "dns" })
  const tired = Object.assign(new Error("queryA ETIMEOUT"), { code: "ETIMEOUT" })
  const late = startSender({ policy, resolve: () => Promise.reject(tired) })
  expect((await late.send({ url: "https://hooks.example/" })).outcome).toEqual({ kind: "timeout", phase: "dns" })
})

test("fails a name of the reserved domain .invalid, whatever name servers there are", async () => {
  const { outcome } = await startSender({ dnsTimeoutMs: 500 }).send({ url: "https://hooks.invalid/" })
  expect(["network", "timeout"]).toContain(outcome.kind)
})

test("shares one query between callers, and finds names that only the system knows", async () => {
  const resolve = createResolveHost()
  const answers = await Promise.all([resolve("localhost"), resolve("localhost")])
  expect(answers[0]).toBe(answers[1])
  expect(answers[0]).toContain("127.0.0.1")
})
