/**
 * An id holds the clock of the gateway that made it, a time in a row is the store's, and either may be set: so what is found
 * by one is looked for this much, in milliseconds, before and behind the other.
 */
export const CLOCK_SLACK_MS = 3_600_000
