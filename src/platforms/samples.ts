import { conversationStarted } from "../core/contact/synthetic-events.ts"
import type { Draft } from "../core/event/draft.ts"
import type { EventName, Platform } from "../core/event/event.ts"
import { normalize } from "./index.ts"
import webhooks from "./samples.json" with { type: "json" }

type Bodies = Partial<Record<Platform, unknown>>

/** Event -> platform -> a body of Meta's that tells of it; each is that of a fixture. */
const BODIES: Readonly<Partial<Record<EventName, Bodies>>> = webhooks

/** Onehook's own event is told at a first message. */
const bodiesOf = (event: EventName): Bodies =>
  BODIES[event === "conversation.started" ? "message.received" : event] ?? {}

/** The platforms that there is a sample of the event for. */
export function samplePlatforms(event: EventName): Platform[] {
  return Object.keys(bodiesOf(event)) as Platform[]
}

/** An event of the sort, as a real webhook would make it; null where the platform has none. */
export function sampleDraft(event: EventName, platform: Platform): Draft | null {
  const body = bodiesOf(event)[platform]
  if (body === undefined) return null
  const [draft] = normalize(platform, structuredClone(body)).drafts
  if (!draft) return null
  return event === "conversation.started" ? conversationStarted(draft) : draft
}
