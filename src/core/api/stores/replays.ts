import type { Page, PageRequest } from "../resources/common.ts"
import type { NewReplay, Replay } from "../resources/replay.ts"

interface StoredReplay {
  id: string
  customerId: string
  endpointId: string
  given: NewReplay
  nowMs: number
}

export interface ReplaysStore {
  /** How many events a replay would send; null if there are too many to count. */
  count(customerId: string, endpointId: string, given: NewReplay, nowMs: number): Promise<number | null>
  /** "full" if the customer has `max` running replays. */
  create(replay: StoredReplay, max: number): Promise<Replay | "full">
  get(customerId: string, id: string): Promise<Replay | null>
  /** Newest first. */
  list(customerId: string, endpointId: string | undefined, page: PageRequest): Promise<Page<Replay>>
  /** A replay that has ended is left as it is. */
  cancel(customerId: string, id: string): Promise<Replay | null>
}
