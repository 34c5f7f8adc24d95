/** The delivery waits, in one of three partitions, each with an index by endpoint. */
export const OPEN = "stage in ('fresh', 'retry', 'replay')"
/** The delivery has ended; it is in the partition of its day, with an index by customer. */
export const FINISHED = "stage in ('delivered', 'exhausted', 'canceled')"
