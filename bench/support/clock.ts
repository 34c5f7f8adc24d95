/** The maximum of several tries: a process suspended between the two readings gets too small a value. */
const OFFSET = Math.max(
  ...Array.from({ length: 1000 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now()),
)

/** Milliseconds of the machine's monotonic clock: comparable between processes, unlike `performance.now()`. */
export function nowMs(): number {
  return performance.now() + OFFSET
}
