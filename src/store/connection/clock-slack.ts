/**
 * An id holds the time of the gateway that made it, a column holds the store's, and either clock may be wrong. A search
 * by one of them therefore extends this many milliseconds before and after the other.
 */
export const CLOCK_SLACK_MS = 3_600_000
