import { gzipSync } from "node:zlib"
import { type Attempt, besideBadEndpoint } from "../bad-endpoint.ts"
import { type Account, demand, type Fault } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { answering, drip, flood, startPeer } from "../peers.ts"

const MB = 2 ** 20
const OK_HEAD = "HTTP/1.1 200 OK\r\n"
const BOMB_MB = 512

/** Checks that the attempt fails at a deadline and is retried. */
const failsWith = (error: string) => (attempt: Attempt) => {
  demand(attempt.error === error, `the attempt ends as ${error}: ${attempt.error}`)
  demand(attempt.verdict === "retry", `it is retried: ${attempt.verdict}`)
}

/** Checks that an answer that is cut off counts by its status. */
function counts(attempt: Attempt): void {
  demand(attempt.verdict === "delivered", `the status counts: ${attempt.verdict}`)
  demand((attempt.response ?? "").length <= 16 * 1024, "at most 16 KB of the answer are kept")
}

/** An endpoint that redirects; nothing may connect to the target. */
async function redirected(lab: Lab, location: (inside: string) => string): Promise<Account> {
  const inside = await startPeer(lab, () => {})
  const headers = { location: location(inside.url) }
  const endpoint = await lab.receiver(() => ({ status: 307, headers }))
  return besideBadEndpoint(lab, endpoint.url, ({ status, verdict }) => {
    demand(status === 307 && verdict === "retry", `a redirect is a failure: ${status}, ${verdict}`)
    demand(inside.connections === 0, "the redirect is not followed")
  })
}

export const answers: Fault[] = [
  {
    name: "head-drips",
    title: "an answer whose head arrives slowly",
    async run(lab) {
      const peer = await startPeer(lab, answering(OK_HEAD, drip("x-a: b\r\n", 100)))
      return besideBadEndpoint(lab, peer.url, failsWith("timeout_first_byte"))
    },
  },
  {
    name: "body-drips",
    title: "an answer whose body arrives slowly",
    async run(lab) {
      const peer = await startPeer(lab, answering(`${OK_HEAD}content-length: 1000000\r\n\r\n`, drip("x", 100)))
      return besideBadEndpoint(lab, peer.url, failsWith("timeout_total"))
    },
  },
  {
    name: "body-100mb",
    title: "a response of 100 MB",
    async run(lab) {
      const head = `${OK_HEAD}content-length: ${100 * MB}\r\n\r\n`
      const peer = await startPeer(lab, answering(head, flood(100 * MB, Buffer.alloc(MB, "x"))))
      return besideBadEndpoint(lab, peer.url, counts)
    },
  },
  {
    name: "gzip-bomb",
    title: `a gzip bomb of ${BOMB_MB} MB`,
    async run(lab) {
      const bomb = gzipSync(Buffer.alloc(BOMB_MB * MB))
      const head = `${OK_HEAD}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`
      const peer = await startPeer(
        lab,
        answering(head, (socket) => socket.write(bomb)),
      )
      return besideBadEndpoint(lab, peer.url, counts)
    },
  },
  {
    name: "redirect-metadata",
    title: "a redirect to 169.254.169.254",
    run: (lab) => redirected(lab, () => "http://169.254.169.254/latest/meta-data/"),
  },
  {
    name: "redirect-loopback",
    title: "a redirect to an internal server",
    run: (lab) => redirected(lab, (inside) => inside),
  },
  {
    name: "tls-stalls",
    title: "a TLS handshake without an answer",
    async run(lab) {
      const peer = await startPeer(lab, () => {})
      return besideBadEndpoint(lab, `https://127.0.0.1:${peer.port}/hook`, failsWith("timeout_connect"))
    },
  },
]
