/** Of many tries, since a process that is suspended between the two readings gets too little. */
const OFFSET = Math.max(
  ...Array.from({ length: 1000 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now()),
)

/** Milliseconds of the machine's monotonic clock: comparable between processes, unlike `performance.now()`. */
export function nowMs(): number {
  return performance.now() + OFFSET
}
