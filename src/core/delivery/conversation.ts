/** Most deliveries of one conversation that are prefetched, so that a long one does not crowd out the others. */
export const CONVERSATION_AHEAD = 8
