import { createHmac } from "node:crypto"
import { MARKER, messengerText, NUMBER_DIGITS, SHAPES } from "./shapes.ts"
import { endpointsByCustomer, matching, type Page, type Platform, type Workload, type World } from "./world.ts"

/** One webhook as request bytes. It produces the events `first` … `first + slots.length - 1`. */
export interface Webhook {
  request: Buffer
  first: number
  /** For each event, which of its customer's endpoints must get it, one bit per slot. */
  slots: number[]
}

const TEXTS = ["Hello! I need help with my order.", "Does it come in another color?", "ok", "Grüße aus Köln 👋, danke!"]
/** Active contacts per page, and the share of items in the mix that come from new contacts. */
const CONTACTS_PER_PAGE = 10
const NEWCOMERS = 0.02

/** Builds and signs webhooks from a fixed seed, so that every run and every peer gets the same sequence. */
export function createStock(world: World, workload: Workload) {
  const random = createRandom(workload === "simple" ? 1 : 2)
  const shapes = SHAPES.flatMap((shape) => Array.from({ length: shape.weight }, () => shape))
  const pages = Map.groupBy(world.pages.slice(0, -1), ({ platform }) => platform)
  const simplePage = world.pages.at(-1)
  const endpoints = endpointsByCustomer(world)
  const ready: Webhook[] = []
  let taken = 0

  const pick = <T>(list: readonly T[], skew = 1): T => list[Math.floor(list.length * random() ** skew)] as T

  function build(first: number): Webhook {
    const shape = workload === "simple" ? { platform: "facebook" as const, build: messengerText } : pick(shapes)
    // Squared, so that the busiest tenth of the pages gets a third of the traffic.
    const page = workload === "simple" ? (simplePage as Page) : pick(pages.get(shape.platform) ?? [], 2)
    const slots: number[] = []
    const body = shape.build({
      page,
      contact: contactOf(page, pickContact(first)),
      nowMs: Date.now(),
      text: workload === "simple" ? "Hello!" : pick(TEXTS),
      id: (event) => {
        const matches = matching(endpoints[page.customer] ?? [], event)
        slots.push(matches.reduce((bits, { slot }) => bits | (1 << slot), 0))
        return MARKER + String(first + slots.length - 1).padStart(NUMBER_DIGITS, "0")
      },
    })
    return { request: toRequest(page.platform, JSON.stringify(body), world.appSecret), first, slots }
  }

  function pickContact(newcomer: number): number {
    const isNew = workload === "mix" && random() < NEWCOMERS
    return isNew ? CONTACTS_PER_PAGE + newcomer : Math.floor(random() * CONTACTS_PER_PAGE)
  }

  let next = 0
  const add = () => {
    const webhook = build(next)
    next += webhook.slots.length
    return webhook
  }

  return {
    /** Builds webhooks until `count` are ready. */
    fill(count: number): void {
      ready.splice(0, taken)
      taken = 0
      while (ready.length < count) ready.push(add())
    },
    take(): Webhook {
      return ready[taken] !== undefined ? (ready[taken++] as Webhook) : add()
    },
    /** The number of the next event to be sent. */
    position: (): number => ready[taken]?.first ?? next,
  }
}

export type Stock = ReturnType<typeof createStock>

/** The request bytes of a signed webhook, as Meta sends it. */
export function toRequest(platform: Platform, body: string, appSecret: string): Buffer {
  const signature = createHmac("sha256", appSecret).update(body).digest("hex")
  return Buffer.from(
    `POST /webhooks/${platform} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: facebookexternalua\r\n` +
      `content-type: application/json\r\nx-hub-signature-256: sha256=${signature}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function contactOf({ platform }: Page, index: number): string {
  return (platform === "whatsapp" ? "16505" : "602100000") + String(index).padStart(7, "0")
}

/** mulberry32: a seeded generator of numbers in [0,1). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
