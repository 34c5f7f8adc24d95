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
import { type ResumeFile, resumeFile } from "../listen/resume-file.ts"
import { toText } from "../output/table.ts"

export function registerListen(program: Command, io: Io) {
  withApi(
    withEventFilter(
      program.command("listen").description("print events as they arrive, or forward them, signed, to a local handler"),
    )
      .option("--forward-to <url>", "post each event to this URL, one at a time")
      .option("--secret <secret>", "whsec_… secret to sign with (WEBHOOK_SECRET; default: generated and printed)")
      .option("--cursor <cursor>", "start after this position")
      .option("--resume <file>", "store the position in this file and resume from it"),
  ).action(inSession(io, (session) => untilInterrupted((interrupted) => listen(io, session, interrupted))))
}

async function listen(io: Io, session: Session, interrupted: AbortSignal) {
  const { api, print, options } = session
  const file: ResumeFile | undefined = options.resume === undefined ? undefined : resumeFile(options.resume)
  const handle = options.forwardTo === undefined ? undefined : forwarder(io, session, interrupted)
  let position: string | undefined = options.cursor ?? (await file?.read())
  const onState = (connected: boolean, refused?: Problem) => {
    const lost = refused ? describeBriefly(refused) : "connection to the gateway lost; retrying"
    print.note(connected ? `listening at ${api.gateway}; press Ctrl-C to stop` : lost)
  }
  try {
    for await (const { id, data } of follow(api, {
      filter: eventFilter(options),
      cursor: position,
      interrupted,
      onState,
    })) {
      if (data !== "") show(io, print.json, data, await handle?.(data))
      position = id
      await file?.write(id)
    }
  } catch (error) {
    if (!interrupted.aborted) throw error
  }
  if (position !== undefined && file === undefined) print.note(`to resume from here: --cursor ${position}`)
}

/** @throws UsageError for an invalid URL or secret */
function forwarder(io: Io, { options, print }: Session, interrupted: AbortSignal) {
  const target: string = options.forwardTo
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new UsageError(`"${target}" is not a valid --forward-to URL; use a URL such as http://127.0.0.1:4000/`)
  }
  const given: string | undefined = options.secret ?? (io.env.WEBHOOK_SECRET || undefined)
  const secret = given ?? createEndpointSecret(randomBytes(32))
  if (given === undefined) print.note(`signing with ${secret}`)
  try {
    prepareSecrets([secret])
  } catch {
    throw new UsageError("the secret is not a valid endpoint secret; it must be whsec_ followed by base64")
  }
  let absent = false
  const onAbsent = () => {
    if (!absent) print.note(`no handler is listening at ${target}; retrying`)
    absent = true
  }
  return async (body: string): Promise<Forwarded> => {
    const { id } = parseObject(body)
    const result = await forward({ id: String(id), body }, { url: new URL(target), secret, interrupted, onAbsent })
    absent = false
    return result
  }
}

function show(io: Io, json: boolean, data: string, result: Forwarded | undefined) {
  const event = parseObject(data)
  if (json) {
    io.out(`${result === undefined ? data : JSON.stringify({ ...result, event })}\n`)
    return
  }
  const { body } = (event.message ?? {}) as Json
  const time = typeof event.timestamp === "number" ? new Date(event.timestamp * 1000).toISOString() : null
  const parts = [time, event.platform, event.event, event.from, body, event.id].filter((part) => part).map(toText)
  io.out(`${parts.join("  ")}${result === undefined ? "" : `  ${resultText(result)}`}\n`)
}

function resultText(result: Forwarded): string {
  return `→ ${"status" in result ? result.status : result.error} in ${result.ms} ms`
}
