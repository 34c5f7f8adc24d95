import { conversationStarted } from "../core/contact/synthetic-events.ts"
import type { Draft } from "../core/event/draft.ts"
import type { EventName, Platform } from "../core/event/event.ts"
import { normalize } from "./index.ts"
import webhooks from "./samples.json" with { type: "json" }

type Bodies = Partial<Record<Platform, unknown>>

/** For each event and platform, a body of Meta's that produces it; each is the body of a fixture. */
const BODIES: Readonly<Partial<Record<EventName, Bodies>>> = webhooks

/** A synthetic event, sent at a first message. */
const bodiesOf = (event: EventName): Bodies =>
  BODIES[event === "conversation.started" ? "message.received" : event] ?? {}

/** The platforms that have a sample of the event. */
export function samplePlatforms(event: EventName): Platform[] {
  return Object.keys(bodiesOf(event)) as Platform[]
}

/** A draft of the event, as a real webhook gives it; null if the platform does not have it. */
export function sampleDraft(event: EventName, platform: Platform): Draft | null {
  const body = bodiesOf(event)[platform]
  if (body === undefined) return null
  const [draft] = normalize(platform, structuredClone(body)).drafts
  if (!draft) return null
  return event === "conversation.started" ? conversationStarted(draft) : draft
}
