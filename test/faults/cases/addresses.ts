import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { query } from "../../../bench/support/postgres.ts"
import { createCertificate } from "../../sender/certificate.ts"
import { addTenant, messengerText, postWebhook, type Tenant } from "../../support/onehook.ts"
import { until } from "../../support/until.ts"
import { type Attempt, firstAttempt } from "../bad-endpoint.ts"
import { startDnsServer } from "../dns-server.ts"
import { type Account, demand, type Fault, NOTHING } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { startPeer } from "../peers.ts"
import { startPair } from "../under-load.ts"

const HOST = "hooks.example"
/** A gateway with a public URL: endpoints on loopback and over http are not allowed. */
const PUBLIC = { PUBLIC_URL: "https://onehook.example" }

/** Ways to write addresses that are not public; some are refused as spellings, some as addresses. */
const SPELLINGS = [
  "127.0.0.1",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0177.0.0.1",
  "0",
  "0.0.0.0",
  "localhost",
  "localhost.",
  "127.0.0.1.",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "１２７.0.0.1",
  "169.254.169.254",
  "10.0.0.1",
  "100.64.0.1",
  "[fd00::1]",
  "user@127.0.0.1",
]

/** Each URL is refused by the API, and at the attempt if it is in the database nevertheless. */
async function literals(lab: Lab): Promise<Account> {
  const inside = await startPeer(lab, () => {})
  const installed = await lab.install()
  const allowed = { ...PUBLIC, ENDPOINT_ALLOWED_PORTS: String(inside.port) }
  const gateway = await installed.startRole("gateway", allowed)
  const urls = SPELLINGS.flatMap((host) => ["http", "https"].map((scheme) => `${scheme}://${host}:${inside.port}/`))
  const tenant = await addTenant(gateway.url, { url: "https://8.8.8.8" })
  for (const url of urls) {
    const refused = await tenant.call("POST", "/v1/endpoints", { url }).then(
      () => "",
      (error: Error) => error.message,
    )
    demand(refused.includes(": 422") || refused.includes(": 400"), `the API refuses ${url}: ${refused}`)
  }
  const database = installed.env.DATABASE_URL ?? ""
  const victims: { url: string; victim: Tenant }[] = []
  for (const url of urls) {
    const victim = await addTenant(gateway.url, { url: "https://8.8.8.8" })
    await query(database, `update endpoints set url = '${url}' where id = '${victim.endpointId}'`)
    await postWebhook(gateway.url, messengerText(victim.pageId, "m_literal"))
    victims.push({ url, victim })
  }
  // Started only now, so that it has never read another URL.
  await installed.startRole("dispatcher", allowed)
  for (const { url, victim } of victims) {
    const { error } = await firstAttempt(victim)
    demand(error === "address_not_allowed", `${url} is refused at the attempt: ${error}`)
  }
  demand(inside.connections === 0, "no internal server is reached")
  const note = `${urls.length} URLs refused by the API, and at the attempt where they were in the database`
  return { ...NOTHING, sent: urls.length, acknowledged: urls.length, note }
}

/** The name resolves to an allowed address, later to an internal server. */
async function flips(lab: Lab): Promise<Account> {
  const folder = mkdtempSync(join(tmpdir(), "onehook-fault-"))
  lab.closers.add(() => rmSync(folder, { recursive: true, force: true }))
  const tls = createCertificate(HOST)
  const authority = join(folder, "authority.pem")
  writeFileSync(authority, tls.cert)
  let served = 0
  const endpoint = createServer(tls, (request, response) => {
    served += 1
    request.resume().on("end", () => response.writeHead(200, { connection: "close" }).end())
  })
  const listening = Promise.withResolvers<void>()
  endpoint.listen(0, "127.0.0.1", listening.resolve)
  await listening.promise
  lab.closers.add(() => {
    endpoint.closeAllConnections()
    endpoint.close()
  })
  const { port } = endpoint.address() as AddressInfo
  const inside = await startPeer(lab, () => {}, "127.0.0.2", port)
  let moved = false
  const dns = await startDnsServer(lab, (type) => (type !== "A" ? null : moved ? "127.0.0.2" : "127.0.0.1"))

  const installed = await lab.install()
  const { gateway } = await startPair(installed, {
    ...PUBLIC,
    ENDPOINT_ALLOWED_PORTS: String(port),
    ENDPOINT_ALLOWED_CIDRS: "127.0.0.1/32",
    NODE_EXTRA_CA_CERTS: authority,
    FAULT_DNS: dns.address,
    NODE_OPTIONS: `--import=${new URL("../use-name-server.ts", import.meta.url).href}`,
  })
  const tenant = await addTenant(gateway.url, { url: `https://${HOST}:${port}/hook` })
  await postWebhook(gateway.url, messengerText(tenant.pageId, "m_before"))
  await until(() => served === 1, "the first delivery")
  moved = true
  await postWebhook(gateway.url, messengerText(tenant.pageId, "m_after"))
  const attempt = await until(async () => {
    const { data } = await tenant.call<{ data: { id: string }[] }>("GET", "/v1/deliveries")
    const path = `/v1/deliveries/${data[0]?.id}`
    return data.length === 2 && (await tenant.call<{ attempt_log: Attempt[] }>("GET", path)).attempt_log[0]
  }, "the second attempt")
  demand(attempt.error === "address_not_allowed", `the new address is refused: ${attempt.error}`)
  demand(inside.connections === 0, "the new address gets no connection")
  const note = `delivered while the name had an allowed address, then ${attempt.error}; ${dns.queries()} DNS queries`
  return { ...NOTHING, sent: 2, acknowledged: 2, delivered: served, note }
}

export const addresses: Fault[] = [
  { name: "dns-flips", title: "DNS that changes to an internal address", run: flips },
  { name: "ip-literals", title: "spellings of internal addresses", run: literals },
]
