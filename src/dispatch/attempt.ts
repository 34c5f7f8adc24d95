import type { AttemptRecord, Content, Delivery, Timings } from "../core/delivery/delivery.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import { maskValues } from "../core/delivery/mask-values.ts"
import type { Outcome, Verdict } from "../core/delivery/outcome.ts"
import { DEFAULT_SCHEDULE_MS, judge } from "../core/delivery/retry.ts"
import { render } from "../core/event/compose.ts"
import { createMicroBatch, nextStep } from "../scheduling/micro-batch.ts"
import { signedHeaders } from "./signed-headers.ts"

export interface Sent {
  outcome: Outcome
  startedAtMs: number
  durationMs: number
  remoteAddress: string | null
  timings: Timings
}

const NOT_SENT = { remoteAddress: null, timings: { dns: null, connect: null, tls: null, firstByte: null } }

/** The outcome for the drain if no attempt was made. It is not recorded. */
const NOT_MADE: Outcome = { kind: "fault", reason: "there was nothing to send" }

export interface AttemptDeps {
  /** The endpoint as it is now; undefined if it was removed. */
  endpoint(id: string): Endpoint | undefined
  /** The content of a big delivery; null if it was erased or the process is stopping. */
  read(delivery: Delivery, withRaw: boolean): Promise<Content | null>
  send(request: {
    endpointId: string
    url: string
    headers: Record<string, string>
    body: string
    maxConcurrency: number
    nowMs: number
  }): Promise<Sent>
  record(record: AttemptRecord): Promise<void>
  /** The endpoint answered 410. */
  gone(endpoint: Endpoint): Promise<void>
  now(): number
  random(): number
  onAttempt(made: MadeAttempt): void
}

interface MadeAttempt {
  endpoint: Endpoint
  delivery: Delivery
  outcome: Outcome
  verdict: AttemptRecord["verdict"]
  startedAtMs: number
}

/** One attempt of one delivery: read, sign, send, judge, record. */
export function createAttempt(deps: AttemptDeps) {
  /** Consecutive failures of our own code, for the few deliveries that have any. */
  const faults = new Map<string, number>()
  const microBatch = createMicroBatch()

  function countFaults(deliveryId: string, { kind }: Outcome): number {
    if (kind !== "fault" && faults.size === 0) return 0
    const count = kind === "fault" ? (faults.get(deliveryId) ?? 0) + 1 : 0
    if (count > 0) faults.set(deliveryId, count)
    else faults.delete(deliveryId)
    return count
  }

  async function send(endpoint: Endpoint, delivery: Delivery): Promise<Sent | null> {
    let nowMs = deps.now()
    try {
      const content = delivery.big === null ? delivery : await deps.read(delivery, endpoint.includeRaw)
      if (content === null) return null
      if (delivery.big !== null) nowMs = deps.now()
      await nextStep()
      const raw = endpoint.includeRaw ? content.raw : null
      const body = render(content.body, content.compactLength, endpoint.payload, raw)
      const headers = signedHeaders(endpoint, delivery.eventId, body, nowMs)
      const { id: endpointId, url, maxConcurrency } = endpoint
      await nextStep()
      return await deps.send({ endpointId, url, headers, body, maxConcurrency, nowMs })
    } catch (error) {
      const outcome: Outcome = { kind: "fault", reason: error instanceof Error ? error.name : "unknown" }
      return { outcome, startedAtMs: nowMs, durationMs: deps.now() - nowMs, ...NOT_SENT }
    }
  }

  return async function attempt(
    endpoint: Endpoint,
    delivery: Delivery,
    answered: (outcome: Outcome, verdict: Verdict["kind"]) => void,
  ) {
    const sent = await send(endpoint, delivery)
    if (sent === null) {
      answered(NOT_MADE, "retry")
      return { retryInMs: null }
    }
    const { outcome, startedAtMs } = sent
    await microBatch()
    const nowMs = deps.now()
    const verdict = judge({
      outcome,
      faults: countFaults(delivery.id, outcome),
      changed: deps.endpoint(endpoint.id)?.revisionMs !== endpoint.revisionMs,
      attempt: delivery.attempts + 1,
      schedule: endpoint.retryScheduleMs ?? DEFAULT_SCHEDULE_MS,
      nowMs,
      random: deps.random(),
    })
    if (verdict.kind !== "retry") faults.delete(delivery.id)
    answered(outcome, verdict.kind)
    const retryInMs = verdict.kind === "retry" ? Math.max(0, verdict.dueAtMs - nowMs) : null
    deps.onAttempt({ endpoint, delivery, outcome, verdict: verdict.kind, startedAtMs })
    const record = recordOf(endpoint, delivery, sent, verdict.kind, retryInMs)
    // If the store refuses the answer's text, the attempt is recorded without it: otherwise it would be sent again.
    await deps.record(record).catch(() => deps.record({ ...record, response: null, error: "unrecordable" }))
    if (verdict.kind === "exhausted" && verdict.disableEndpoint) await deps.gone(endpoint)
    return { retryInMs }
  }
}

function recordOf(
  endpoint: Endpoint,
  delivery: Delivery,
  { outcome, startedAtMs, durationMs, remoteAddress, timings }: Sent,
  verdict: AttemptRecord["verdict"],
  retryInMs: number | null,
): AttemptRecord {
  return {
    endpointId: endpoint.id,
    deliveryId: delivery.id,
    number: delivery.attempts + 1,
    startedAtMs,
    durationMs,
    outcome: outcome.kind,
    verdict,
    ...describe(outcome, endpoint),
    retryInMs,
    trigger: delivery.trigger,
    remoteAddress,
    timings,
  }
}

type Description = Pick<AttemptRecord, "status" | "error" | "response">

/** What the attempt log shows. A blocked address is not named, so that customers cannot map the internal network. */
function describe(outcome: Outcome, { headers }: Pick<Endpoint, "headers">): Description {
  switch (outcome.kind) {
    case "response":
      return { status: outcome.status, error: null, response: maskValues(outcome.excerpt, headers) }
    case "timeout":
      return { status: null, error: `timeout_${outcome.phase}`, response: null }
    case "network":
      return { status: null, error: outcome.code, response: null }
    case "blocked":
      return { status: null, error: "address_not_allowed", response: null }
    case "fault":
      return { status: null, error: `internal_${outcome.reason}`, response: null }
  }
}
