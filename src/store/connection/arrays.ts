/**
 * Array parameters in Postgres' binary format. The server copies them instead of parsing a literal, nothing in them
 * needs quoting, and both drivers send bytes unchanged. The type numbers are those of Postgres' catalog.
 */
const INT = 23
const TEXT = 25
const FLOAT = 701

const HEADER_BYTES = 20
/** UTF-8 bytes per UTF-16 code unit, at most. */
const MAX_UNIT_BYTES = 3
/** A longer text is measured before it is written, so that no more is reserved than it needs. */
const MEASURED_LENGTH = 65_536
const SCRATCH_BYTES = 65_536
/** A larger buffer is not kept for the next array. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024

/** Arrays are written here before their length is known. */
let scratch = Buffer.allocUnsafe(SCRATCH_BYTES)

export function texts(values: readonly (string | null)[]): Buffer {
  let at = HEADER_BYTES
  for (const value of values) {
    if (value === null) {
      at = writeNull(at)
    } else {
      reserve(at, 4 + (value.length > MEASURED_LENGTH ? Buffer.byteLength(value) : value.length * MAX_UNIT_BYTES))
      const length = scratch.write(value, at + 4)
      scratch.writeInt32BE(length, at)
      at += 4 + length
    }
  }
  return finish(values, TEXT, at)
}

export function ints(values: readonly (number | null)[]): Buffer {
  let at = HEADER_BYTES
  for (const value of values) {
    if (value === null) {
      at = writeNull(at)
    } else {
      reserve(at, 8)
      scratch.writeInt32BE(4, at)
      at = scratch.writeInt32BE(value, at + 4)
    }
  }
  return finish(values, INT, at)
}

export function floats(values: readonly (number | null)[]): Buffer {
  let at = HEADER_BYTES
  for (const value of values) {
    if (value === null) {
      at = writeNull(at)
    } else {
      reserve(at, 12)
      scratch.writeInt32BE(8, at)
      at = scratch.writeDoubleBE(value, at + 4)
    }
  }
  return finish(values, FLOAT, at)
}

function writeNull(at: number): number {
  reserve(at, 4)
  return scratch.writeInt32BE(-1, at)
}

function reserve(at: number, bytes: number): void {
  if (at + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafe(Math.max(2 * scratch.length, at + bytes))
  scratch.copy(larger, 0, 0, at)
  scratch = larger
}

/** Writes the header: one dimension, with indexes from 1. An empty array has no dimension. */
function finish(values: readonly unknown[], type: number, end: number): Buffer {
  scratch.writeInt32BE(values.length > 0 ? 1 : 0, 0)
  scratch.writeInt32BE(values.includes(null) ? 1 : 0, 4)
  scratch.writeInt32BE(type, 8)
  scratch.writeInt32BE(values.length, 12)
  scratch.writeInt32BE(1, 16)
  if (scratch.length <= MAX_KEPT_BYTES) return Buffer.from(scratch.subarray(0, values.length > 0 ? end : 12))
  const large = scratch
  scratch = Buffer.allocUnsafe(SCRATCH_BYTES)
  return large.subarray(0, end)
}
