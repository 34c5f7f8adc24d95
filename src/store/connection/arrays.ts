/**
 * Array parameters in Postgres' binary format. The server copies them instead of parsing a literal, nothing in them needs
 * quoting, and both drivers send bytes as they are. Type numbers are those of Postgres' catalog.
 */
const INT = 23
const TEXT = 25
const FLOAT = 701

const HEADER_BYTES = 20
const LONGEST_CHARACTER = 3
/** A text beyond this is measured before it is written. */
const LONG = 65_536
const SCRATCH_BYTES = 65_536
/** More than this is not kept for the next array. */
const MOST_KEPT = 4 * 1024 * 1024

/** Where arrays are written before their length is known. */
let scratch = Buffer.allocUnsafe(SCRATCH_BYTES)

export function texts(values: readonly (string | null)[]): Buffer {
  let at = HEADER_BYTES
  for (const value of values) {
    if (value === null) {
      at = writeNull(at)
    } else {
      reserve(at, 4 + (value.length > LONG ? Buffer.byteLength(value) : value.length * LONGEST_CHARACTER))
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

/** One dimension, counted from 1. An array without values has no dimension. */
function finish(values: readonly unknown[], type: number, end: number): Buffer {
  scratch.writeInt32BE(values.length > 0 ? 1 : 0, 0)
  scratch.writeInt32BE(values.includes(null) ? 1 : 0, 4)
  scratch.writeInt32BE(type, 8)
  scratch.writeInt32BE(values.length, 12)
  scratch.writeInt32BE(1, 16)
  if (scratch.length <= MOST_KEPT) return Buffer.from(scratch.subarray(0, values.length > 0 ? end : 12))
  const large = scratch
  scratch = Buffer.allocUnsafe(SCRATCH_BYTES)
  return large.subarray(0, end)
}
