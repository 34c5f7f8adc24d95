import type { Page, PageRequest } from "../resources/common.ts"
import type { EventFilter } from "../resources/event.ts"

/** Events in order of arrival, after a position. */
interface FollowedPage {
  data: { at: number; body: string }[]
  /** The position after which the next page begins, also when nothing more has arrived. */
  next: number
  /** More events may be available at once. */
  full: boolean
}

/** An event's position is its number in the order of arrival. */
export interface Horizon {
  /**
   * The position up to which no further event will appear: a reader that reads up to it in ascending order misses none.
   * It never goes back. Commits in progress are waited for; if one takes too long, the horizon stays where it was.
   */
  horizon(): Promise<number>
  /**
   * The horizon once it covers everything that had arrived at the time of the call.
   *
   * @throws AppError store_unavailable if a commit takes too long
   */
  currentHorizon(): Promise<number>
}

/** Events are the JSON texts that were stored, which is payload `full`. */
export interface EventsStore extends Horizon {
  /** Newest arrival first. */
  list(customerId: string, filter: EventFilter, page: PageRequest): Promise<Page<string>>
  /** Oldest arrival first. A reader that continues from `next` sees each event once and misses none. */
  follow(customerId: string, filter: EventFilter, from: { after: number; limit: number }): Promise<FollowedPage>
  /** Which of the customers have events after the first position, up to and including the second. */
  arrived(customerIds: string[], after: number, upTo: number): Promise<string[]>
  get(customerId: string, id: string): Promise<string | null>
}
