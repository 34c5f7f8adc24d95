import type { Delivery } from "../../src/core/delivery/delivery.ts"
import type { Endpoint } from "../../src/core/delivery/endpoint.ts"
import type { Outcome } from "../../src/core/delivery/outcome.ts"
import { createDrain } from "../../src/dispatch/drain.ts"
import type { DrainDeps } from "../../src/dispatch/drain-deps.ts"
import { createEndpointMemory } from "../../src/dispatch/endpoint-memory.ts"
import { createLanes } from "../../src/dispatch/lanes.ts"
import { until } from "../support/until.ts"

const ANSWER: Outcome = { kind: "response", status: 200, retryAfterMs: null, excerpt: "" }
export const holdFor = (retryAfterMs: number): Outcome => ({ ...ANSWER, status: 429, retryAfterMs }) as Outcome

const ENDPOINT = { id: "ep_1", active: true, revisionMs: 7, maxConcurrency: 2, maxRate: null } as Endpoint
export const CHANGED = { ...ENDPOINT, maxConcurrency: 3 }
export const CHANGED_LATER = { ...ENDPOINT, revisionMs: 8 }

export const delivery = (id: string, given: Partial<Delivery> = {}): Delivery => ({
  id,
  customerId: "cus_1",
  eventId: `evt_${id}`,
  attempts: 0,
  createdAtMs: 0,
  body: "{}",
  compactLength: 1,
  raw: null,
  conversationId: null,
  trigger: null,
  big: null,
  ...given,
})

type Result = { retryInMs: number | null; outcome?: Outcome } | Error

/** Attempts that are answered at once and recorded when the test calls `record`. */
export function answeredAtOnce() {
  const sent: string[] = []
  const unrecorded: (() => void)[] = []
  const attempt: DrainDeps["attempt"] = async (_endpoint, { id }, answered) => {
    sent.push(id)
    await Promise.resolve()
    answered(ANSWER, "delivered")
    const { promise, resolve } = Promise.withResolvers<{ retryInMs: null }>()
    unrecorded.push(() => resolve({ retryInMs: null }))
    return promise
  }
  return {
    sent,
    attempt,
    areUnrecorded: () => unrecorded.length > 0,
    record() {
      for (const resolve of unrecorded.splice(0)) resolve()
    },
  }
}

/** A drain with due deliveries, whose attempts end when the test calls `finish`. */
export function world(given: Partial<DrainDeps> = {}) {
  const due: Delivery[] = []
  const sending = new Map<string, (result: Result) => void>()
  const log: string[] = []
  const clock = { ms: 0 }
  const lanes = createLanes(
    () => clock.ms,
    () => {},
  )
  const memory = createEndpointMemory(
    () => clock.ms,
    () => 0,
  )
  const deps: DrainDeps = {
    holder: () => "me",
    isLive: () => true,
    endpoint: () => ENDPOINT,
    gate: memory.gate,
    now: () => clock.ms,
    claimCursor: memory.claimCursor,
    load: { held: 0 },
    claim: async ({ limit, held, after }) => ({
      holder: "me",
      deliveries: due.filter(({ id }) => !held.includes(id) && id > after).slice(0, limit),
      latest: null,
      hold: null,
    }),
    attempt: (_endpoint, { id }, answered) =>
      new Promise((resolve, reject) => {
        log.push(`send ${id}`)
        sending.set(id, (result) => {
          sending.delete(id)
          due.splice(
            due.findIndex((one) => one.id === id),
            1,
          )
          const retries = !(result instanceof Error) && result.retryInMs !== null
          answered((result as { outcome?: Outcome }).outcome ?? ANSWER, retries ? "retry" : "delivered")
          if (result instanceof Error) reject(result)
          else resolve(result)
        })
      }),
    release: async () => {
      log.push("release")
      return null
    },
    acquireSlot: lanes.acquire,
    releaseSlot: lanes.release,
    stopWaiting: lanes.stopWaiting,
    hold: async ({ forMs }) => log.push(`hold ${forMs}`),
    wakeLater: (_id, delayMs) => log.push(`later ${delayMs}`),
    forwardWake: (holder) => log.push(`forward wake to ${holder}`),
    onError: (error) => log.push(`error ${(error as Error).message}`),
    ...given,
  }
  let ended = false
  const drain = createDrain("ep_1", deps, () => {
    ended = true
  })
  const finish = async (id: string, result: Result = { retryInMs: null }) => {
    const end = await until(() => sending.get(id), `${id} to be sent`)
    end(result)
  }
  return { due, log, drain, finish, sending, clock, ended: () => ended }
}
