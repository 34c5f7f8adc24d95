import { createSocket } from "node:dgram"
import { once } from "node:events"
import type { Closers } from "../../bench/support/processes.ts"

const TYPES = { 1: "A", 28: "AAAA" } as const
const NO_TTL = Buffer.from([0, 0, 0, 0])
const RESPONSE_CODES = { ESERVFAIL: 2, ENOTFOUND: 3, EREFUSED: 5 }

export type AddressType = (typeof TYPES)[keyof typeof TYPES]
/** An address, null if the name has none of this type, a failure, or no response at all. */
export type DnsAnswer = string | null | { failure: keyof typeof RESPONSE_CODES } | "dropped"

/** A name server that answers every query for addresses with `answer`, and no others. */
export async function startDnsServer(lab: { closers: Pick<Closers, "add"> }, answer: (type: AddressType) => DnsAnswer) {
  const server = createSocket("udp4")
  let queries = 0
  server.on("message", (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 1
    const type = query.readUInt16BE(end)
    const given = answer(TYPES[type as keyof typeof TYPES])
    if (given === "dropped") return
    if (typeof given === "string") queries += 1
    const code = given !== null && typeof given === "object" ? RESPONSE_CODES[given.failure] : 0
    const answers = typeof given === "string" ? 1 : 0
    const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0])
    const question = query.subarray(12, end + 4)
    const record = typeof given === "string" ? addressRecord(type, given) : Buffer.alloc(0)
    server.send(Buffer.concat([header, question, record]), port, address)
  })
  server.bind(0, "127.0.0.1")
  await once(server, "listening")
  lab.closers.add(() => server.close())
  return { address: `127.0.0.1:${server.address().port}`, queries: () => queries }
}

function addressRecord(type: number, ip: string): Buffer {
  const pointerToName = [0xc0, 12]
  const bytes = ip.includes(":") ? Buffer.from(ip.replaceAll(":", ""), "hex") : Buffer.from(ip.split(".").map(Number))
  return Buffer.concat([Buffer.from([...pointerToName, 0, type, 0, 1]), NO_TTL, Buffer.from([0, bytes.length]), bytes])
}
