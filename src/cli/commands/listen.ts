import { randomBytes } from "node:crypto"
import type { Command } from "commander"
import { createEndpointSecret, prepareSecrets } from "../../core/delivery/signature.ts"
import { type Json, parseObject } from "../client/api.ts"
import { eventFilter, withEventFilter } from "../client/event-filter.ts"
import { follow } from "../client/follow.ts"
import { describeBriefly, type Problem, UsageError } from "../client/refused.ts"
import { inSession, type Session, withApi } from "../client/session.ts"
import { untilInterrupted } from "../interrupted.ts"
import type { Io } from "../io.ts"
import { type Forwarded, forward } from "../listen/forward.ts"
import { type PlaceFile, placeFile } from "../listen/resume-file.ts"
import { toText } from "../output/table.ts"

type Answer = Forwarded | undefined

export function registerListen(program: Command, io: Io) {
  withApi(
    withEventFilter(
      program
        .command("listen")
        .description("show events as they arrive, or forward them, signed, to a handler on this machine"),
    )
      .option("--forward-to <url>", "post each event there, one after the other")
      .option("--secret <secret>", "the whsec_… to sign with (WEBHOOK_SECRET; a new one is made and shown)")
      .option("--cursor <cursor>", "begin after this place")
      .option("--resume <file>", "keep the place in this file, and begin there the next time"),
  ).action(inSession(io, (session) => untilInterrupted((interrupted) => listen(io, session, interrupted))))
}

async function listen(io: Io, session: Session, interrupted: AbortSignal) {
  const { api, print, options } = session
  const file: PlaceFile | undefined = options.resume === undefined ? undefined : placeFile(options.resume)
  const handle = options.forwardTo === undefined ? undefined : forwarder(io, session, interrupted)
  let place: string | undefined = options.cursor ?? (await file?.read())
  const onState = (connected: boolean, refused?: Problem) => {
    const lost = refused ? describeBriefly(refused) : "the gateway is away; trying again"
    print.note(connected ? `listening at ${api.gateway}; Ctrl-C ends it` : lost)
  }
  try {
    for await (const { id, data } of follow(api, {
      filter: eventFilter(options),
      cursor: place,
      interrupted,
      onState,
    })) {
      if (data !== "") show(io, print.json, data, await handle?.(data))
      place = id
      await file?.write(id)
    }
  } catch (error) {
    if (!interrupted.aborted) throw error
  }
  if (place !== undefined && file === undefined) print.note(`to go on from here: --cursor ${place}`)
}

/** @throws UsageError for a URL or a secret that cannot be used */
function forwarder(io: Io, { options, print }: Session, interrupted: AbortSignal) {
  const target: string = options.forwardTo
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new UsageError(`"${target}" is no URL to forward to; it looks like http://127.0.0.1:4000/`)
  }
  const given: string | undefined = options.secret ?? (io.env.WEBHOOK_SECRET || undefined)
  const secret = given ?? createEndpointSecret(randomBytes(32))
  if (given === undefined) print.note(`signed with ${secret}`)
  try {
    prepareSecrets([secret])
  } catch {
    throw new UsageError("the secret is no secret of an endpoint; it looks like whsec_…")
  }
  let absent = false
  const onAbsent = () => {
    if (!absent) print.note(`nobody listens at ${target}; waiting`)
    absent = true
  }
  return async (body: string): Promise<Forwarded> => {
    const { id } = parseObject(body)
    const answer = await forward({ id: String(id), body }, { url: new URL(target), secret, interrupted, onAbsent })
    absent = false
    return answer
  }
}

function show(io: Io, json: boolean, data: string, answer: Answer) {
  const event = parseObject(data)
  if (json) {
    io.out(`${answer === undefined ? data : JSON.stringify({ ...answer, event })}\n`)
    return
  }
  const { body } = (event.message ?? {}) as Json
  const time = typeof event.timestamp === "number" ? new Date(event.timestamp * 1000).toISOString() : null
  const parts = [time, event.platform, event.event, event.from, body, event.id].filter((part) => part).map(toText)
  io.out(`${parts.join("  ")}${answer === undefined ? "" : `  ${described(answer)}`}\n`)
}

function described(answer: Forwarded): string {
  return `→ ${"status" in answer ? answer.status : answer.error} in ${answer.ms} ms`
}
