import type { Details } from "../../core/event/details.ts"
import type { EventName } from "../../core/event/event.ts"
import type { Message } from "../../core/event/message.ts"
import type { Place } from "../place.ts"
import type { JsonObject } from "../read.ts"
import type { Parties } from "./parties.ts"

/** The input of a normalizer of one kind. */
export interface At {
  place: Place
  item: JsonObject
  parties: Parties
  /** The item's own time, or its entry's; unix ms. */
  timestampMs: number | null
}

/** Its output; the rest of the event is the same for every kind. */
export interface Made {
  event: EventName
  native: string
  message?: Message
  /** The keys of this kind only. */
  details?: Details
  /** Set if the kind, not the ids, decides who acted; null if it was neither side. */
  direction?: "inbound" | "outbound" | null
}
