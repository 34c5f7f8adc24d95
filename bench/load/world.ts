import { randomBytes } from "node:crypto"

export type Platform = "facebook" | "instagram" | "whatsapp"
export type Workload = "simple" | "mix"

export interface Page {
  platform: Platform
  pageId: string
  wabaId: string
  customer: number
}

/** `slot` numbers the endpoints of a customer; with the event number it gives the delivery number. */
export interface Endpoint {
  customer: number
  slot: number
  url: string
  events: string[]
  secret: string
  /** Whether delivery is ordered by conversation. */
  ordered?: boolean
}

/** Customers, pages and endpoints. The last of each are for the simple workload, all others for the mix. */
export interface World {
  appSecret: string
  verifyToken: string
  customers: number
  pages: Page[]
  endpoints: Endpoint[]
}

const CUSTOMERS = 200
const PAGES = 1000
/** Half of the customers have a second endpoint, which gets messages only. */
const SECOND_ENDPOINTS = 100
/** Of four pages, two are Messenger, one Instagram, one WhatsApp. */
const PLATFORMS: readonly Platform[] = ["facebook", "facebook", "instagram", "whatsapp"]

export function createWorld(receiverPort: number): World {
  const pages = Array.from({ length: PAGES }, (_, i) => createPage(PLATFORMS[i % 4] ?? "facebook", i, i % CUSTOMERS))
  const endpoints: Endpoint[] = []
  const add = (customer: number, slot: number, events: string[]) => {
    const url = `http://127.0.0.1:${receiverPort}/${endpoints.length}/${slot}`
    endpoints.push({ customer, slot, url, events, secret: `whsec_${randomBytes(32).toString("base64")}` })
  }
  for (let customer = 0; customer < CUSTOMERS; customer++) {
    add(customer, 0, ["*"])
    if (customer < SECOND_ENDPOINTS) add(customer, 1, ["message.received"])
  }
  pages.push(createPage("facebook", PAGES, CUSTOMERS))
  add(CUSTOMERS, 0, ["message.received"])
  return {
    appSecret: randomBytes(16).toString("hex"),
    verifyToken: randomBytes(16).toString("hex"),
    customers: CUSTOMERS + 1,
    pages,
    endpoints,
  }
}

function createPage(platform: Platform, index: number, customer: number): Page {
  const prefix = { facebook: "1087420", instagram: "1784140", whatsapp: "1096200" }[platform]
  const tail = String(index).padStart(9, "0")
  return { platform, pageId: prefix + tail, wabaId: `1048100${tail}`, customer }
}

/** The customer's endpoints that subscribe to the event. */
export function matching(endpoints: readonly Endpoint[], event: string): Endpoint[] {
  return endpoints.filter(({ events }) => events.includes("*") || events.includes(event))
}

/** The endpoints of every customer, by the customer's number. */
export function endpointsByCustomer(world: World): Endpoint[][] {
  const lists: Endpoint[][] = Array.from({ length: world.customers }, () => [])
  for (const endpoint of world.endpoints) lists[endpoint.customer]?.push(endpoint)
  return lists
}
