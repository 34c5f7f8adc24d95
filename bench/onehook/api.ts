import type { World } from "../load/world.ts"
import { inParallel } from "../support/in-parallel.ts"

const CALL_WITHIN_MS = 30_000

/** The ids and secrets that the API returned, in the order of `world.endpoints`. */
export interface SetUp {
  endpoints: { id: string; customerId: string; secret: string }[]
}

/** The operator's API client. Throws on any response that is not a success. */
export function createApi(port: number, adminKey: string) {
  return async function call<T>(path: string, body?: object, customerId?: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${port}/v1${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(body && { "content-type": "application/json" }),
        ...(customerId && { "onehook-customer": customerId }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_WITHIN_MS),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`POST ${path} got ${response.status}: ${text}`)
    return (text === "" ? undefined : JSON.parse(text)) as T
  }
}

export type Api = ReturnType<typeof createApi>

const MOST_AT_ONCE = 64

/** Creates every customer, endpoint and connection of the world, as an operator would. */
export async function setUp(api: Api, world: World): Promise<SetUp> {
  const numbers = Array.from({ length: world.customers }, (_, number) => number)
  const customers = await inParallel(numbers, (number) =>
    api<{ id: string }>("/customers", { name: `Customer ${number}` }),
  )
  const customerId = (number: number) => customers[number]?.id ?? ""
  const endpoints = await inParallel(world.endpoints, async ({ customer, url, events, ordered }) => {
    const ordering = ordered ? "conversation" : "none"
    const settings = { url, events, ordering, max_concurrency: MOST_AT_ONCE }
    const created = await api<{ id: string; secret: string }>("/endpoints", settings, customerId(customer))
    return { id: created.id, secret: created.secret, customerId: customerId(customer) }
  })
  await inParallel(world.pages, async ({ platform, pageId, wabaId, customer }) => {
    const page = { platform, page_id: pageId, ...(platform === "whatsapp" && { waba_id: wabaId }) }
    const { id } = await api<{ id: string }>("/connections", page, customerId(customer))
    await api(`/connections/${id}/activate`)
  })
  return { endpoints }
}

/** Pauses (`disable`) or resumes (`enable`) every endpoint. */
export async function switchEndpoints(api: Api, { endpoints }: SetUp, verb: "enable" | "disable"): Promise<void> {
  await inParallel(endpoints, ({ id, customerId }) => api(`/endpoints/${id}/${verb}`, undefined, customerId))
}
