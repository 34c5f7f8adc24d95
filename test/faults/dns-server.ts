import { createSocket } from "node:dgram"
import { once } from "node:events"
import type { Lab } from "./lab.ts"

const TYPE_A = 1
const NO_TTL = Buffer.from([0, 0, 0, 0])

/** A name server that answers every A query with `answer()`. */
export async function startDnsServer(lab: Lab, answer: () => string) {
  const server = createSocket("udp4")
  let queries = 0
  server.on("message", (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 1
    const isA = query.readUInt16BE(end) === TYPE_A
    if (isA) queries += 1
    const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0])
    const question = query.subarray(12, end + 4)
    const record = isA ? addressRecord(answer()) : Buffer.alloc(0)
    server.send(Buffer.concat([header, question, record]), port, address)
  })
  server.bind(0, "127.0.0.1")
  await once(server, "listening")
  lab.closers.add(() => server.close())
  return { address: `127.0.0.1:${server.address().port}`, queries: () => queries }
}

function addressRecord(ip: string): Buffer {
  const pointerToName = [0xc0, 12]
  return Buffer.concat([
    Buffer.from([...pointerToName, 0, TYPE_A, 0, 1]),
    NO_TTL,
    Buffer.from([0, 4, ...ip.split(".").map(Number)]),
  ])
}
