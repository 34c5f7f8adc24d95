import type { Normalized } from "../../core/event/draft.ts"
import { type Entry, normalizeAccountEntry } from "../entry.ts"
import { fromInstagramChange } from "./changes.ts"

/** Maps one entry of `object: "instagram"`: messages, comments and mentions, with either kind of login. */
export function normalizeInstagram(out: Normalized, entry: Entry): void {
  normalizeAccountEntry(out, "instagram", entry, { change: fromInstagramChange, call: fromInstagramChange })
}
