import type { AddressInfo } from "node:net"
import { createServer, getCACertificates, setDefaultCACertificates } from "node:tls"
import { beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { connectRedis } from "../../src/queue/redis.ts"
import { redisLocation } from "../../src/queue/redis-url.ts"
import { createCertificate } from "../sender/certificate.ts"
import { until } from "../support/until.ts"

const certificate = createCertificate("localhost")
beforeAll(() => setDefaultCACertificates([...getCACertificates(), certificate.cert]))

/** Speaks only TLS, under the name of its certificate, and replies to every command. */
async function startServer(answer: (command: string) => string = () => "+OK\r\n") {
  const commands: string[] = []
  const server = createServer(certificate, (socket) => {
    socket.on("error", () => {})
    socket.on("data", (data) => {
      for (const command of data
        .toString()
        .split(/^\*\d+\r\n/m)
        .slice(1)) {
        const words = command.split("\r\n").filter((_, index) => index % 2 === 1)
        commands.push(words.join(" "))
        socket.write(answer(words.join(" ")))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return { commands, port: (server.address() as AddressInfo).port }
}

function connect(url: string) {
  const connection = connectRedis(redisLocation(url), "producer")
  connection.on("error", () => {})
  onTestFinished(() => connection.disconnect())
}

describe("a rediss:// URL", () => {
  test("of sentinels uses TLS for them and for the master that they name, each with its own password", async () => {
    const master = await startServer()
    const sentinel = await startServer((command) => {
      if (/get-master-addr/i.test(command))
        return `*2\r\n$9\r\nlocalhost\r\n$${String(master.port).length}\r\n${master.port}\r\n`
      return /sentinel sentinels/i.test(command) ? "*0\r\n" : "+OK\r\n"
    })
    const query = "sentinel=mymaster&sentinelUsername=watcher&sentinelPassword=s3nt%2Bnel"
    connect(`rediss://user:s3cr3t@localhost:${sentinel.port}?${query}`)
    await until(() => master.commands.length > 0, "a command to the master")
    expect(sentinel.commands[0]).toMatch(/watcher s3nt\+nel/)
    expect(master.commands[0]).toMatch(/user s3cr3t/)
    expect(sentinel.commands.join()).not.toContain("s3cr3t")
  })

  test("of a cluster connects to its nodes by the names in their certificates", async () => {
    const node = await startServer()
    connect(`rediss://localhost:${node.port}?cluster`)
    await until(() => node.commands.length > 0, "a command to the node")
  })
})
