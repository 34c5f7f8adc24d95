import { FAILED, listenForRequests, OK } from "../support/requests.ts"
import { serveCommands } from "../support/tool.ts"
import { POISON } from "./world.ts"

const RECEIVED_AT = '"received_at":'

/** Alternating endpoint and latency values, while arrivals are timed. */
let timed: number[] | null = null
let replayed = 0
let poisoned = 0
const hung = new Set<number>()

/**
 * `/ok/<n>` responds at once, `/replay/<n>` too but is counted separately, `/hang/<n>` never responds, `/poison/<n>`
 * fails for one contact. Latency is wall-clock time, shared by all processes of the machine, since the event's
 * `received_at`. It includes the commit, and up to a millisecond because `received_at` is rounded down.
 */
function arrive(head: string, body: Buffer): Buffer | null {
  const atMs = performance.timeOrigin + performance.now()
  const [, kind, endpoint] = /^POST \/(\w+)\/(\d+) /.exec(head) ?? []
  if (kind === "hang") {
    hung.add(Number(endpoint))
    return null
  }
  if (kind === "poison" && body.includes(POISON)) {
    poisoned++
    return FAILED
  }
  if (kind === "replay") replayed++
  else if (kind === "ok" && timed) {
    const from = body.indexOf(RECEIVED_AT) + RECEIVED_AT.length
    timed.push(Number(endpoint), atMs - Number.parseInt(body.toString("latin1", from, from + 13), 10))
  }
  return OK
}

const commands = {
  listen: () => listenForRequests(arrive),
  reset(): void {
    hung.clear()
    replayed = 0
    poisoned = 0
  },
  /** Counts of endpoints with a hanging request, of replayed deliveries, and of failed requests. */
  status: () => ({ hanging: hung.size, replayed, poisoned }),
  startTiming(): void {
    timed = []
  },
  stopTiming(): Float64Array {
    const arrived = Float64Array.from(timed ?? [])
    timed = null
    return arrived
  },
}

export type FairnessReceiverCommands = typeof commands
serveCommands(commands)
