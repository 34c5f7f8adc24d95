import { createHash } from "node:crypto"
import { inParallel } from "../../../bench/support/in-parallel.ts"
import { listenForRequests, OK } from "../../../bench/support/requests.ts"
import { ADMIN_KEY, addTenant, api, messengerText, postWebhook, type Tenant } from "../../support/onehook.ts"
import { genuineInPython } from "../../support/python.ts"
import { until } from "../../support/until.ts"
import { batchOf, createCounter } from "../bulk.ts"
import { type Account, demand, type Fault, NOTHING } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { startPair } from "../under-load.ts"

/** Most endpoints that a customer may have. */
const ENDPOINTS_EACH = 200
const CUSTOMERS = 50
const WABA_ID = "104810000000001"
const BATCH = 1_000
const LARGE_BYTES = 3_000_000
const PIECE = "größer 🦄 "

/** An account-level WhatsApp event goes to every customer with a number in the account. */
async function fanOut(lab: Lab): Promise<Account> {
  const { gateway } = await startPair(await lab.install())
  const reached = new Set<string>()
  let all = 0
  const port = await listenForRequests((head) => {
    all += 1
    reached.add(/^POST (\S+)/.exec(head)?.[1] ?? "")
    return OK
  })
  const customers = Array.from({ length: CUSTOMERS }, (_, customer) => customer)
  await inParallel(customers, (customer) => addSubscribers(gateway.url, customer, port))
  const update = {
    event: "APPROVED",
    message_template_id: 1,
    message_template_name: "a",
    message_template_language: "en",
  }
  const change = { field: "message_template_status_update", value: update }
  const entry = [{ id: WABA_ID, time: Math.floor(Date.now() / 1000), changes: [change] }]
  const sentAtMs = performance.now()
  const { status } = await postWebhook(gateway.url, { object: "whatsapp_business_account", entry }, "whatsapp")
  const answeredMs = Math.round(performance.now() - sentAtMs)
  demand(status === 200, `the webhook is accepted: ${status}`)
  const count = CUSTOMERS * ENDPOINTS_EACH
  await until(() => reached.size === count, "all endpoints to receive it", 120_000)
  const lastMs = Math.round(performance.now() - sentAtMs)
  demand(all === count, `each endpoint receives it once: ${all}`)
  const note = `one webhook; answered after ${answeredMs} ms, the last endpoint had it after ${lastMs} ms`
  return { ...NOTHING, sent: count, acknowledged: count, delivered: count, note }
}

async function addSubscribers(url: string, customer: number, port: number): Promise<void> {
  const operator = api(url, ADMIN_KEY)
  const { id } = await operator<{ id: string }>("POST", "/v1/customers", { name: `Customer ${customer}` })
  const call = api(url, ADMIN_KEY, id)
  const page = { platform: "whatsapp", page_id: `1096200${customer}`, waba_id: WABA_ID }
  const connection = await call<{ id: string }>("POST", "/v1/connections", page)
  await call("POST", `/v1/connections/${connection.id}/activate`)
  for (let number = 0; number < ENDPOINTS_EACH; number++) {
    await call("POST", "/v1/endpoints", { url: `http://127.0.0.1:${port}/${customer}/${number}`, events: ["*"] })
  }
}

/** The same batch to two gateways at once, and again later, as Meta repeats webhooks that were answered late. */
async function duplicateBatch(lab: Lab): Promise<Account> {
  const installed = await lab.install()
  const [{ gateway }, other] = await Promise.all([startPair(installed), installed.startRole("gateway")])
  const counter = createCounter()
  const port = await listenForRequests((_head, body) => {
    counter.count(body)
    return OK
  })
  const tenant = await addTenant(gateway.url, { url: `http://127.0.0.1:${port}/hook` })
  const batch = batchOf(tenant.pageId, 0, BATCH)
  const urls = [gateway.url, other.url, gateway.url, other.url]
  const answers = await Promise.all(urls.map((url) => postWebhook(url, batch)))
  demand(
    answers.every(({ status }) => status === 200),
    "every copy is acknowledged",
  )
  await until(() => counter.distinct() === BATCH, "all events", 60_000)
  await postWebhook(gateway.url, batch)
  await postWebhook(gateway.url, batchOf(tenant.pageId, BATCH, 1))
  await until(() => counter.distinct() === BATCH + 1, "the event that was sent after the last copy")
  demand(counter.all === BATCH + 1, `each event arrives once: ${counter.all} arrivals`)
  const note = "five copies of the batch through two gateways, each of its messages delivered once"
  return { ...NOTHING, sent: 5 * BATCH + 1, acknowledged: 5 * BATCH + 1, delivered: BATCH + 1, note }
}

async function largePayload(lab: Lab): Promise<Account> {
  const { gateway } = await startPair(await lab.install())
  const receiver = await lab.receiver()
  const tenant = await addTenant(gateway.url, { url: receiver.url })
  const text = PIECE.repeat(LARGE_BYTES / Buffer.byteLength(PIECE))
  const webhook = JSON.stringify(messengerText(tenant.pageId, "m_large", text))
  const { status } = await postWebhook(gateway.url, webhook)
  demand(status === 200, `the webhook is accepted: ${status}`)
  const { body } = await receiver.get()
  const digest = (value: string) => createHash("sha256").update(value).digest("hex")
  demand(digest(JSON.parse(body).message.body) === digest(text), "the message arrives unchanged")
  const note = `a webhook of ${(Buffer.byteLength(webhook) / 1e6).toFixed(1)} MB, a request of ${(Buffer.byteLength(body) / 1e6).toFixed(1)} MB`
  return { ...NOTHING, sent: 1, acknowledged: 1, delivered: 1, note }
}

/** Runs the Python code of docs/deliveries.md on the requests that arrived. */
async function rotation(lab: Lab): Promise<Account> {
  const { gateway } = await startPair(await lab.install())
  const receiver = await lab.receiver()
  const tenant: Tenant = await addTenant(gateway.url, { url: receiver.url })
  const path = `/v1/endpoints/${tenant.endpointId}`
  const secrets = [tenant.secret]
  const seen: boolean[][] = []
  const deliver = async (mid: string) => {
    await postWebhook(gateway.url, messengerText(tenant.pageId, mid, "größer 🦄"))
    const received = await receiver.get(({ body }) => body.includes(mid))
    seen.push(genuineInPython(secrets.map((secret) => ({ received, secret }))))
  }
  await deliver("m_before")
  secrets.push((await tenant.call<{ secret: string }>("POST", `${path}/rotate-secret`, { overlap_hours: 1 })).secret)
  await deliver("m_during")
  await tenant.call("POST", `${path}/revoke-secrets`)
  await deliver("m_after")
  const expected = [[true], [true, true], [false, true]]
  demand(
    JSON.stringify(seen) === JSON.stringify(expected),
    `Python accepts the live secrets and no other: ${JSON.stringify(seen)}`,
  )
  const note = "Python accepts the old secret before, both during the overlap, and only the new one after revocation"
  return { ...NOTHING, sent: 3, acknowledged: 3, delivered: 3, note }
}

export const payloads: Fault[] = [
  { name: "fan-out", title: "fan-out to 10,000 endpoints", run: fanOut },
  { name: "duplicate-batch", title: "a duplicate batch of 1,000", run: duplicateBatch },
  { name: "large-payload", title: "a 3 MB payload", run: largePayload },
  { name: "secret-rotation", title: "secret rotation, verified in Python", run: rotation },
]
