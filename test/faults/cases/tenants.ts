import { ADMIN_KEY, addTenant, api, messengerText, postWebhook, type Tenant } from "../../support/onehook.ts"
import { type Account, demand, type Fault, NOTHING } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { startPair } from "../under-load.ts"

type Paths = Record<string, Record<string, unknown>>

/** The ids of all objects of a customer. */
async function idsOf(url: string, { id }: Tenant): Promise<string[]> {
  const call = api(url, ADMIN_KEY, id)
  const lists = ["api-keys", "apps", "connections", "endpoints", "events", "deliveries"]
  const pages = await Promise.all(lists.map((name) => call<{ data: { id: string }[] }>("GET", `/v1/${name}`)))
  return [id, ...pages.flatMap(({ data }) => data.map((one) => one.id))]
}

/** Calls each route of the gateway's OpenAPI document as one customer, with each id of another one. */
async function everyRoute(lab: Lab): Promise<Account> {
  const { gateway } = await startPair(await lab.install())
  const receiver = await lab.receiver()
  const victim = await addTenant(gateway.url, { url: receiver.url })
  await victim.call("POST", "/v1/apps", { secrets: ["0123456789abcdef"] })
  await postWebhook(gateway.url, messengerText(victim.pageId, "m_secret"))
  await receiver.get()
  const ids = await idsOf(gateway.url, victim)
  const attackerId = (await api(gateway.url, ADMIN_KEY)<{ id: string }>("POST", "/v1/customers", { name: "Other" })).id
  const scopes = ["read", "write", "send", "admin"]
  const given = { name: "all", scopes }
  const { key } = await api(gateway.url, ADMIN_KEY)<{ key: string }>(
    "POST",
    `/v1/customers/${attackerId}/api-keys`,
    given,
  )
  const { paths } = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { paths: Paths }
  const before = await snapshot(victim, ids)
  let calls = 0
  for (const [path, methods] of Object.entries(paths).filter(([path]) => path.startsWith("/v1/"))) {
    for (const method of Object.keys(methods)) {
      for (const id of path.includes("{") ? ids : [""]) {
        calls += 1
        const text = await attack(`${gateway.url}${path.replaceAll(/\{[^}]+\}/g, id)}`, method, key)
        const leaked = ids.find((one) => one !== id && text.includes(one))
        demand(leaked === undefined, `${method} ${path} does not show an id of another customer: ${leaked}`)
      }
    }
  }
  demand((await snapshot(victim, ids)) === before, "nothing of the other customer changes")
  const note = `${calls} calls with the ids of another customer: none answered with success, none changed or showed anything`
  return { ...NOTHING, sent: calls, acknowledged: 0, note }
}

/** @returns the answer; fails if a path with another customer's id is answered with success */
async function attack(url: string, method: string, key: string): Promise<string> {
  const bodied = method === "post" || method === "patch" || method === "put"
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers: { authorization: `Bearer ${key}`, ...(bodied ? { "content-type": "application/json" } : {}) },
    body: bodied ? "{}" : null,
    signal: AbortSignal.timeout(5_000),
  })
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    await response.body?.cancel()
    return ""
  }
  const named = /_[0-9a-z]{10,}/.test(new URL(url).pathname)
  demand(!named || response.status >= 400, `${method} ${url} is refused: ${response.status}`)
  return response.text()
}

async function snapshot({ call }: Tenant, ids: string[]): Promise<string> {
  const lists = ["apps", "connections", "endpoints", "events", "deliveries"]
  const pages = await Promise.all(lists.map((name) => call("GET", `/v1/${name}`)))
  return JSON.stringify([ids, pages])
}

export const tenants: Fault[] = [
  { name: "tenants", title: "every route with ids of another customer", run: everyRoute },
]
