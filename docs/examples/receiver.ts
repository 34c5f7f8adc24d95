// Receives Onehook's events: checks the signature, drops repeats, prints the event. Node alone, no packages.
//
//   WEBHOOK_SECRET=whsec_… npx node docs/examples/receiver.ts

import { createHmac, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingHttpHeaders } from "node:http"

const secret = process.env.WEBHOOK_SECRET ?? ""
if (!secret.startsWith("whsec_")) {
  console.error("set WEBHOOK_SECRET to the endpoint's secret; it begins with whsec_")
  process.exit(2)
}
const key = Buffer.from(secret.slice("whsec_".length), "base64")
const seen = new Set<string>() // a real handler keeps this in its database, unique by id

/** Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, exactly the bytes received. */
function isGenuine(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const id = String(headers["webhook-id"])
  const timestamp = String(headers["webhook-timestamp"])
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false // older than 5 minutes: a replay
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest()
  // Several signatures while a secret is being rotated; one that matches is enough.
  return String(headers["webhook-signature"])
    .split(" ")
    .filter((signature) => signature.startsWith("v1,"))
    .map((signature) => Buffer.from(signature.slice("v1,".length), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected))
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] | null = await request.toArray().catch(() => null)
  if (chunks === null) return // the connection ended before the body
  const body = Buffer.concat(chunks)
  if (!isGenuine(request.headers, body)) {
    console.error("refused a request whose signature does not match")
    response.writeHead(401).end()
    return
  }
  const id = String(request.headers["webhook-id"])
  if (!seen.has(id)) {
    seen.add(id)
    const event = JSON.parse(body.toString())
    console.log(`${event.event} from ${event.from} on ${event.platform}: ${event.message?.body ?? ""}`)
    console.log(JSON.stringify(event, null, 2))
  }
  response.writeHead(204).end() // only now: an event that was not kept should be sent again
})

const port = Number(process.env.RECEIVER_PORT ?? 4000)
server.on("error", (error) => {
  console.error(`cannot listen, RECEIVER_PORT sets another port: ${error.message}`)
  process.exit(1)
})
server.listen(port, "127.0.0.1", () => console.log(`waiting for events on http://127.0.0.1:${port}/`))
