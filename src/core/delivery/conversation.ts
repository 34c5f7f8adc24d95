/** How many deliveries of one conversation are read ahead, so that a long one does not crowd out the others. */
export const CONVERSATION_AHEAD = 8
