import type { Normalized } from "../../core/event/draft.ts"
import { type Entry, normalizeAccountEntry } from "../entry.ts"
import { fromPageCall } from "./calls.ts"
import { fromPageChange } from "./changes.ts"

/** Maps one entry of `object: "page"`: Messenger, Messenger Calling, and the Page's own fields. */
export function normalizeFacebook(out: Normalized, entry: Entry): void {
  normalizeAccountEntry(out, "facebook", entry, { change: fromPageChange, call: fromPageCall })
}
