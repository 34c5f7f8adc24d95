import { crockford } from "../../core/event/ids.ts"

/** `req_<process>_<number>`: unique without generating random bytes for every webhook. */
export function createRequestIds(randomBytes: (size: number) => Uint8Array): () => string {
  const process = crockford(randomBytes(5))
  let count = 0
  return () => {
    count += 1
    return `req_${process}_${count.toString(36)}`
  }
}
