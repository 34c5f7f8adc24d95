const DAY_MS = 86_400_000
/** An event may be this old when it arrives: Meta repeats itself for up to seven days. */
export const OLDEST_EVENT_DAYS = 8
/** For clocks that are ahead. */
const NEWEST_EVENT_DAYS = 1

/**
 * The day of an event is part of its key, so it is the platform's: it stays the same when the item comes again. By it the
 * event is removed. So what is of another time than its webhook, as a history is, has none, and goes by its arrival: it would
 * be gone before it could be delivered, or, of the future, be in the way of a partition that is to be made.
 *
 * @returns the number of the day; 0 for none
 */
export function eventDay(timestampMs: number | null, receivedAtMs: number): number {
  const today = Math.floor(receivedAtMs / DAY_MS)
  const day = Math.floor((timestampMs ?? 0) / DAY_MS)
  return day >= today - OLDEST_EVENT_DAYS && day <= today + NEWEST_EVENT_DAYS ? day : 0
}
