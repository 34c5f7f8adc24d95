import type { Details } from "../../core/event/details.ts"
import type { EventName } from "../../core/event/event.ts"
import type { Message } from "../../core/event/message.ts"
import type { Place } from "../place.ts"
import type { JsonObject } from "../read.ts"
import type { Parties } from "./parties.ts"

/** What a normalizer of one kind knows of its item. */
export interface At {
  place: Place
  item: JsonObject
  parties: Parties
  /** The item's own time, or its entry's; unix ms. */
  timestampMs: number | null
}

/** What it makes of it: the rest of the event is the same for every kind. */
export interface Made {
  event: EventName
  native: string
  message?: Message
  /** The keys of this kind alone. */
  details?: Details
  /** Where the kind settles who acted, not the ids; null where it was neither side. */
  direction?: "inbound" | "outbound" | null
}
