import type { Draft, Fault, Normalized } from "../core/event/draft.ts"
import { holdsTooDeep } from "../core/json/json-body.ts"
import { MAX_DEPTH } from "../core/json/json-depth.ts"
import { isObject, type JsonObject } from "./read.ts"

/** Of one body. Far more than Meta batches (1,000), and than history bodies hold. */
const MAX_ITEMS = 20_000
const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`
const TOO_MANY = `more than ${MAX_ITEMS} items`

export type Visit = (
  out: Normalized,
  item: JsonObject,
  path: string,
) => Draft | Omit<Fault, "path" | "item"> | undefined

/**
 * Takes the elements of one of Meta's arrays one by one, so that a malformed one is a fault of its own and its siblings
 * go through. A lone object counts as an array of one, and a missing array as empty. What is left of an array when the
 * body has given as many as it may is one fault.
 */
export function each(out: Normalized, value: unknown, path: string, visit: Visit): void {
  if (value === undefined || value === null) return
  if (isObject(value)) one(out, value, path, visit)
  else if (!Array.isArray(value)) out.faults.push({ path, reason: "not an array", item: value })
  else if (value.length > MAX_ITEMS) out.faults.push({ path, reason: TOO_MANY, item: value })
  else
    for (let index = 0; index < value.length; index++) {
      const at = `${path}[${index}]`
      if (isFull(out)) {
        out.faults.push({ path: at, reason: TOO_MANY, item: value.slice(index) })
        break
      }
      one(out, value[index], at, visit)
    }
}

/** What is under each of the keys, as one item. Where the body has given as many as it may, one fault for all of them. */
export function eachKey(
  out: Normalized,
  holder: JsonObject,
  keys: readonly string[],
  path: string,
  visit: Visit,
): void {
  for (const key of keys) {
    if (isFull(out)) {
      out.faults.push({ path, reason: TOO_MANY, item: holder })
      return
    }
    one(out, { [key]: holder[key] }, `${path}.${key}`, visit)
  }
}

const isFull = ({ drafts, faults }: Normalized) => drafts.length + faults.length >= MAX_ITEMS

function one(out: Normalized, item: unknown, path: string, visit: Visit): void {
  if (!isObject(item)) {
    out.faults.push({ path, reason: "not an object", item })
    return
  }
  try {
    const made = visit(out, item, path)
    if (made === undefined) return
    if ("reason" in made) out.faults.push({ path, reason: made.reason, item })
    else if (out.isCut === true && holdsTooDeep(made.raw.item)) out.faults.push({ path, reason: TOO_DEEP, item })
    else out.drafts.push(made)
  } catch (error) {
    // A fault of ours must not cost the siblings. The message could quote the item, so only its class is told.
    out.faults.push({ path, reason: `could not be read: ${error instanceof Error ? error.name : "unknown"}`, item })
  }
}

/** The keys beside the listed ones under which there is something: an array or an object that is not empty. */
export function unlisted(holder: JsonObject, listed: ReadonlySet<string>): readonly string[] {
  let keys: string[] | undefined
  for (const key in holder) {
    if (listed.has(key) || !holdsSomething(holder[key])) continue
    keys ??= []
    keys.push(key)
  }
  return keys ?? NONE
}

const NONE: readonly string[] = []

function holdsSomething(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false
  for (const _ in value) return true
  return false
}
