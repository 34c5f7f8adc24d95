import type { Dispatcher } from "undici"
import type { Timings } from "../core/delivery/delivery.ts"
import type { Outcome } from "../core/delivery/outcome.ts"
import { isAmbiguousLength, OverlongError, outcomeOf } from "./failure.ts"
import type { Link } from "./link.ts"
import { limitPerTurn } from "./per-turn-limit.ts"
import { excerptOf, retryAfterMs } from "./response.ts"

export interface SendResult {
  outcome: Outcome
  startedAtMs: number
  /** Whole milliseconds from the call to the outcome, including the wait for a connection. */
  durationMs: number
  /** Null if no connection was made, or if the address policy refused it. */
  remoteAddress: string | null
  timings: Timings
}

interface Deadlines {
  /** From sending the request to the head of the response. */
  firstByteMs: number
  /** From the call to the end of the response. */
  totalMs: number
}

const MAX_READ_BYTES = 64 * 1024
const MAX_EXCERPT_BYTES = 16 * 1024

/** Timers may fire a little early. */
const CLOCK_SLACK_MS = 2

/**
 * The undici handler of one request. Settles exactly once, by response, error or deadline; if the response is still
 * being received then, undici drops the connection. A class because thousands are created per second: no closures, one
 * timer.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  private readonly startedAtMs: number
  private readonly started = performance.now()
  private readonly deadlines: Deadlines
  private readonly settle: (result: SendResult) => void
  /** Called once settled, after undici's own code has returned, so that it may dispatch again. */
  onSettled: (() => void) | null = null
  /** The link of the connection that carries the request. */
  link: Link | null = null
  private timer: NodeJS.Timeout
  private controller: Dispatcher.DispatchController | null = null
  private sent = 0
  private firstByteMs: number | null = null
  private status = 0
  private retryAfterMs: number | null = null
  private readonly chunks: Buffer[] = []
  private readBytes = 0
  private settled = false

  constructor(startedAtMs: number, deadlines: Deadlines, settle: (result: SendResult) => void) {
    this.startedAtMs = startedAtMs
    this.deadlines = deadlines
    this.settle = settle
    this.timer = setTimeout(expire, Math.min(deadlines.firstByteMs, deadlines.totalMs), this)
  }

  finish(outcome: Outcome): void {
    if (this.settled) return
    this.settled = true
    clearTimeout(this.timer)
    if (this.onSettled) queueMicrotask(this.onSettled)
    const durationMs = Math.round(performance.now() - this.started)
    const { dns = null, connect = null, tls = null } = this.link?.takePhases() ?? {}
    const timings = { dns, connect, tls, firstByte: this.firstByteMs }
    const remoteAddress = this.link?.remoteAddress ?? null
    this.settle({ outcome, startedAtMs: this.startedAtMs, durationMs, remoteAddress, timings })
  }

  isSettled(): boolean {
    return this.settled
  }

  /** Settles at a deadline, or sets the timer to the next one. */
  checkDeadlines(): void {
    if (this.settled) return
    const now = performance.now()
    const total = this.started + this.deadlines.totalMs
    const awaitsHead = this.status === 0
    const firstByte = awaitsHead ? (this.sent || now) + this.deadlines.firstByteMs : Number.POSITIVE_INFINITY
    if (now + CLOCK_SLACK_MS >= total) this.cut({ kind: "timeout", phase: "total" })
    else if (now + CLOCK_SLACK_MS >= firstByte) this.cut({ kind: "timeout", phase: "first_byte" })
    else this.timer = setTimeout(expire, Math.min(total, firstByte) - now, this)
  }

  private cut(outcome: Outcome): void {
    this.finish(outcome)
    this.controller?.abort(new Error("cut off"))
  }

  private respond(): Outcome {
    const excerpt = excerptOf(this.chunks, MAX_EXCERPT_BYTES)
    return { kind: "response", status: this.status, retryAfterMs: this.retryAfterMs, excerpt }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // On a throw, unlike an abort, undici drops the request and keeps the connection for the next one.
    if (this.settled) throw new Error("the deadline passed before there was a connection")
    this.controller = controller
    if (this.link) this.link.readBytes = 0
    this.sent = performance.now()
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // For these statuses undici fails with an assertion error, which would count as a fault of Onehook.
    if (status < 100 || status === 101) this.cut({ kind: "network", code: "HPE_INVALID_STATUS" })
    if (status < 200) return
    this.status = status
    this.firstByteMs = Math.round(performance.now() - this.sent)
    this.retryAfterMs = retryAfterMs(status, headers["retry-after"], Date.now())
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = MAX_EXCERPT_BYTES - this.readBytes
    if (room > 0) this.chunks.push(room < chunk.length ? chunk.subarray(0, room) : chunk)
    this.readBytes += chunk.length
    if (this.readBytes > MAX_READ_BYTES) this.cut(this.respond())
  }

  onResponseEnd(): void {
    this.link?.answered()
    this.finish(this.respond())
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    const hasEnded = this.link?.hasEnded() ?? false
    if (error instanceof OverlongError && this.status > 0) this.finish(this.respond())
    else if (isAmbiguousLength(error, this.status, hasEnded))
      this.finish({ kind: "network", code: "HPE_UNEXPECTED_CONTENT_LENGTH" })
    else this.finish(outcomeOf(error))
  }
}

/** Requests that began together expire together. Ending hundreds in one turn would block the event loop. */
const EXPIRED_PER_TURN = 3
const expire = limitPerTurn((attempt: Attempt) => attempt.checkDeadlines(), EXPIRED_PER_TURN)
