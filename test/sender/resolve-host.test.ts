import { expect, onTestFinished, test } from "vitest"
import { createResolveHost } from "../../src/sender/resolve-host.ts"
import { type AddressType, type DnsAnswer, startDnsServer } from "../faults/dns-server.ts"

const V4 = "203.0.113.7"
/** Written in full, as the name server of the tests takes it. */
const V6 = "2606:4700:4700:0000:0000:0000:0000:1111"

async function nameServer(answers: Record<AddressType, DnsAnswer>): Promise<string> {
  const { address } = await startDnsServer(
    { closers: { add: (close) => onTestFinished(() => void close()) } },
    (type) => answers[type],
  )
  return address
}

const resolveBy = (...servers: string[]) => createResolveHost({ servers: () => servers })("hooks.example")

test("a name has the addresses of both families", async () => {
  const server = await nameServer({ A: V4, AAAA: V6 })
  expect((await resolveBy(server)).toSorted()).toEqual([V4, "2606:4700:4700::1111"])
})

test.each([
  ["AAAA", { A: V4, AAAA: "dropped" } as const, V4],
  ["A", { A: "dropped", AAAA: V6 } as const, "2606:4700:4700::1111"],
])("a name server that drops %s costs little time", async (_type, answers, expected) => {
  const server = await nameServer(answers)
  const startedAtMs = performance.now()
  expect(await resolveBy(server)).toEqual([expected])
  expect(performance.now() - startedAtMs).toBeLessThan(700)
})

test.each(["ESERVFAIL", "EREFUSED"] as const)(
  "the second name server is asked if the first answers %s",
  async (failure) => {
    const first = await nameServer({ A: { failure }, AAAA: { failure } })
    const second = await nameServer({ A: V4, AAAA: null })
    expect(await resolveBy(first, second)).toEqual([V4])
    await expect(resolveBy(first)).rejects.toMatchObject({ code: failure })
  },
)

test("a name is not absent because one family is, while the other query fails", async () => {
  const server = await nameServer({ A: null, AAAA: { failure: "ESERVFAIL" } })
  await expect(resolveBy(server)).rejects.toMatchObject({ code: "ESERVFAIL" })
})

test("other name servers of the system are noticed", async () => {
  const before = await nameServer({ A: V4, AAAA: null })
  const after = await nameServer({ A: "203.0.113.8", AAAA: null })
  let [server, nowMs] = [before, 0]
  const resolve = createResolveHost({ servers: () => [server], now: () => nowMs })
  expect(await resolve("hooks.example")).toEqual([V4])
  server = after
  nowMs = 10_000
  expect(await resolve("hooks.example")).toEqual(["203.0.113.8"])
})
