import { FAILED, listenForRequests, OK } from "../support/requests.ts"
import { serveCommands } from "../support/tool.ts"
import { POISON } from "./world.ts"

const RECEIVED_AT = '"received_at":'

/** Endpoint and latency by turns, while arrivals are timed. */
let timed: number[] | null = null
let replayed = 0
let poisoned = 0
const hung = new Set<number>()

/**
 * `/ok/<n>` answers at once, `/replay/<n>` too but is counted apart, `/hang/<n>` never answers, `/poison/<n>` fails on one
 * contact. The latency is the wall clock's, which all processes of a machine share, since the gateway's `received_at` in
 * the event: it includes the commit, and up to a millisecond that `received_at` has been rounded down.
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
  /** How many endpoints have let a request hang, how many replayed deliveries came, and how many were failed. */
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
