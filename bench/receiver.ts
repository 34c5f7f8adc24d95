import { setTimeout as delay } from "node:timers/promises"
import { Webhook } from "standardwebhooks"
import { MARKER, NUMBER_DIGITS } from "./load/shapes.ts"
import { nowMs } from "./support/clock.ts"
import { listenForRequests, OK } from "./support/requests.ts"
import { serveCommands } from "./support/tool.ts"

const VERIFY_ONE_IN = 100

/** Arrival count per delivery number, which is twice the event number plus the slot. Grown by doubling. */
let counts = Buffer.alloc(1 << 21)
let verifiers: Webhook[] = []
let arrivals = 0
/** Deliveries that arrived at least once. */
let distinct = 0
let badSignatures = 0
let unreadable = 0
let lastAtMs = 0
/** Alternating delivery numbers and arrival times, while arrivals are timed. */
let timed: number[] | null = null

/** Counts one request: the path is `/<endpoint>/<slot>`, the event number follows the marker in the body. */
function arrive(head: string, body: Buffer): void {
  const path = /^POST \/(\d+)\/(\d) /.exec(head)
  const at = body.indexOf(MARKER)
  if (path === null || at < 0) {
    unreadable++
    return
  }
  const event = Number(body.toString("latin1", at + MARKER.length, at + MARKER.length + NUMBER_DIGITS))
  const delivery = event * 2 + Number(path[2])
  while (delivery >= counts.length) counts = Buffer.concat([counts, Buffer.alloc(counts.length)])
  const seen = counts[delivery] ?? 0
  counts[delivery] = Math.min(255, seen + 1)
  if (seen === 0) distinct++
  arrivals++
  lastAtMs = nowMs()
  timed?.push(delivery, lastAtMs)
  if (arrivals % VERIFY_ONE_IN === 0 && !isSigned(head, body, verifiers[Number(path[1])])) badSignatures++
}

function isSigned(head: string, body: Buffer, verifier: Webhook | undefined): boolean {
  const headers = [...head.matchAll(/^(webhook-[a-z]+): (.*)$/gim)].map(([, name = "", value = ""]) => [
    name.toLowerCase(),
    value,
  ])
  try {
    verifier?.verify(body.toString(), Object.fromEntries(headers))
    return verifier !== undefined
  } catch {
    return false
  }
}

const commands = {
  listen: () =>
    listenForRequests((head, body) => {
      arrive(head, body)
      return OK
    }),
  reset(secrets: string[]): void {
    verifiers = secrets.map((secret) => new Webhook(secret))
    counts.fill(0)
    arrivals = distinct = badSignatures = unreadable = 0
  },
  status: () => ({ arrivals, distinct, badSignatures, unreadable, lastAtMs }),
  /** Waits until this many deliveries have arrived, none arrived for `idleMs`, or `limitMs` have passed. */
  async until(count: number, idleMs: number, limitMs: number) {
    const deadline = nowMs() + limitMs
    let [seen, sinceMs] = [-1, nowMs()]
    while (distinct < count && nowMs() - sinceMs < idleMs && nowMs() < deadline) {
      if (distinct !== seen) [seen, sinceMs] = [distinct, nowMs()]
      await delay(5)
    }
    return commands.status()
  },
  startTiming(): void {
    timed = []
  },
  /** The arrivals since `startTiming`: alternating delivery numbers and times. */
  stopTiming(): Float64Array {
    const arrived = Float64Array.from(timed ?? [])
    timed = null
    return arrived
  },
  /** Arrival count per delivery of the first `events` events. */
  counts: (events: number): Uint8Array => {
    if (counts.length < events * 2) counts = Buffer.concat([counts, Buffer.alloc(events * 2)])
    return counts.subarray(0, events * 2)
  },
}

export type ReceiverCommands = typeof commands
serveCommands(commands)
