const OFFSET = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds of the machine's monotonic clock: comparable between processes, unlike `performance.now()`. */
export function nowMs(): number {
  return performance.now() + OFFSET
}
