const DAY_MS = 86_400_000
/** How old an event may be when it arrives: Meta retries a webhook for up to seven days. */
export const OLDEST_EVENT_DAYS = 8
/** How far in the future it may be, for clocks that are ahead. */
const NEWEST_EVENT_DAYS = 1

/**
 * The day that is part of an event's key. It is taken from the platform's clock, so that it is the same when Meta sends
 * the item again; the event's partition is dropped by it. An event whose time is far from its arrival, such as history,
 * gets no day and is kept by its arrival: an old day could be dropped before the event is delivered, and a future one
 * would block the creation of a partition.
 *
 * @returns days since 1970-01-01; 0 for none
 */
export function eventDay(timestampMs: number | null, receivedAtMs: number): number {
  const today = Math.floor(receivedAtMs / DAY_MS)
  const day = Math.floor((timestampMs ?? 0) / DAY_MS)
  return day >= today - OLDEST_EVENT_DAYS && day <= today + NEWEST_EVENT_DAYS ? day : 0
}
