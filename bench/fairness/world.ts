import { randomBytes } from "node:crypto"
import type { Endpoint, Page, World } from "../load/world.ts"

export interface Scenario {
  name: string
  title: string
  /** Endpoints that never respond, besides the one with the backlog. */
  hanging: number
  /**
   * Why one endpoint has a backlog while a replay runs: it hangs, or its handler fails for one contact and delivery is
   * ordered by conversation.
   */
  behind: "hanging" | "poisoned" | null
  /** Whether all endpoints share one host and port, like customers of one cloud provider. */
  oneOrigin: boolean
  /** Upper limit for the p99 of healthy endpoints, in milliseconds. */
  targetMs: number
}

/** The first scenario is the baseline, without failing neighbours. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "quiet", title: "no neighbours", hanging: 0, behind: null, oneOrigin: false, targetMs: 25 },
  { name: "hanging_200", title: "200 hanging", hanging: 200, behind: "hanging", oneOrigin: false, targetMs: 25 },
  { name: "hanging_1000", title: "1,000 hanging", hanging: 1000, behind: "hanging", oneOrigin: false, targetMs: 100 },
  {
    name: "one_origin",
    title: "200 hanging, one origin",
    hanging: 200,
    behind: "hanging",
    oneOrigin: true,
    targetMs: 25,
  },
  {
    name: "poisoned",
    title: "a poisoned conversation",
    hanging: 0,
    behind: "poisoned",
    oneOrigin: false,
    targetMs: 25,
  },
]

/** Numbers of pages, customers and endpoints, which are the same: each customer has one page and one endpoint. */
export const HEALTHY = Array.from({ length: 20 }, (_, number) => number)
export const BEHIND = 20
export const REPLAYED = 21
const FIRST_HANGING = 22

export const hangingOf = ({ hanging }: Scenario) => Array.from({ length: hanging }, (_, i) => FIRST_HANGING + i)

/** The contact whose messages make the handler fail. */
export const POISON = "60219999999999"

export function createFairnessWorld(scenario: Scenario, ports: { healthy: number; hanging: number }): World {
  const pages: Page[] = []
  const endpoints: Endpoint[] = []
  const add = (path: string, port: number, ordered = false) => {
    const customer = pages.length
    pages.push({ platform: "facebook", pageId: `1087420${String(customer).padStart(9, "0")}`, wabaId: "", customer })
    const url = `http://127.0.0.1:${port}/${path}/${customer}`
    const secret = `whsec_${randomBytes(32).toString("base64")}`
    endpoints.push({ customer, slot: 0, url, events: ["message.received"], secret, ordered })
  }
  const hangingPort = scenario.oneOrigin ? ports.healthy : ports.hanging
  for (const _ of HEALTHY) add("ok", ports.healthy)
  if (scenario.behind === "poisoned") add("poison", ports.healthy, true)
  else add("hang", hangingPort)
  add("replay", ports.healthy)
  for (const _ of hangingOf(scenario)) add("hang", hangingPort)
  return {
    appSecret: randomBytes(16).toString("hex"),
    verifyToken: randomBytes(16).toString("hex"),
    customers: pages.length,
    pages,
    endpoints,
  }
}
