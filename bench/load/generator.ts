import { nowMs } from "../support/clock.ts"
import { serveCommands } from "../support/tool.ts"
import { type Connection, openConnection } from "./connection.ts"
import { createStock, type Stock, type Webhook } from "./stock.ts"
import type { Workload, World } from "./world.ts"

export interface LoadResult {
  accepted: number
  /** Deliveries expected from the accepted webhooks. */
  deliveries: number
  /** Number of responses other than 200, by status; 0 means no response. */
  refused: Record<string, number>
  startedAtMs: number
  /** Time of the last response. */
  endedAtMs: number
}

interface Due {
  first: number
  due: Float64Array
}

let stock: Stock
/** The maximum of deliveries expected from the webhooks of one `closed` run. */
let allowed = Number.POSITIVE_INFINITY
const onAllowed: (() => void)[] = []
/** For each accepted event number, the endpoint slots it must reach, one bit each. */
let expected = Buffer.alloc(1 << 20)

function startResult(): LoadResult {
  const now = nowMs()
  return { accepted: 0, deliveries: 0, refused: {}, startedAtMs: now, endedAtMs: now }
}

async function post(connection: Connection, { request, first, slots }: Webhook, result: LoadResult): Promise<void> {
  const status = await connection.send(request)
  if (status !== 200) {
    result.refused[status] = (result.refused[status] ?? 0) + 1
    return
  }
  while (first + slots.length > expected.length) expected = Buffer.concat([expected, Buffer.alloc(expected.length)])
  expected.set(slots, first)
  result.accepted++
  for (const bits of slots) result.deliveries += (bits & 1) + (bits >> 1)
}

/**
 * Closed-loop load: each connection sends its next webhook after the last response, if the limit allows more. `ready`
 * webhooks are built beforehand.
 */
async function closed(port: number, connections: number, seconds: number, ready: number): Promise<LoadResult> {
  stock.fill(ready)
  const result = startResult()
  const deadline = result.startedAtMs + seconds * 1000
  const work = Array.from({ length: connections }, async () => {
    const connection = openConnection(port)
    while (nowMs() < deadline) {
      if (result.deliveries < allowed) await post(connection, stock.take(), result)
      else await new Promise<void>((resolve) => onAllowed.push(resolve))
    }
    connection.close()
  })
  await Promise.all(work)
  result.endedAtMs = nowMs()
  return result
}

/**
 * Open-loop load: webhooks at a fixed rate regardless of responses; opens another connection when all others are busy.
 * `due` holds the scheduled time of each event, counted from number `first`.
 */
async function open(port: number, perSecond: number, seconds: number): Promise<LoadResult & Due> {
  stock.fill(seconds * perSecond)
  const first = stock.position()
  const due: number[] = []
  const idle: Connection[] = []
  const work: Promise<void>[] = []
  const result = startResult()
  const send = async (webhook: Webhook) => {
    const connection = idle.pop() ?? openConnection(port)
    await post(connection, webhook, result)
    idle.push(connection)
  }
  await new Promise<void>((resolve) => {
    const tick = () => {
      const now = nowMs()
      const target = Math.min(seconds, (now - result.startedAtMs) / 1000) * perSecond
      while (work.length < target) {
        const webhook = stock.take()
        due.push(...webhook.slots.map(() => now))
        work.push(send(webhook))
      }
      if (work.length < seconds * perSecond) setTimeout(tick, 1)
      else resolve()
    }
    tick()
  })
  await Promise.all(work)
  for (const connection of idle) connection.close()
  result.endedAtMs = nowMs()
  return { ...result, first, due: Float64Array.from(due) }
}

const commands = {
  reset(world: World, workload: Workload): void {
    stock = createStock(world, workload)
    expected.fill(0)
  },
  closed,
  /** Wakes the connections that wait in `closed`. */
  allow(deliveries: number): void {
    allowed = deliveries
    for (const resolve of onAllowed.splice(0)) resolve()
  },
  open,
  /** The endpoint slots that each event must reach, by event number. */
  expected: (): Uint8Array => expected.subarray(0, stock.position()),
}

export type GeneratorCommands = typeof commands
serveCommands(commands)
