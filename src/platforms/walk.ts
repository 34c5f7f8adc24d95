import type { Draft, Fault, Normalized } from "../core/event/draft.ts"
import { holdsTooDeep } from "../core/json/json-body.ts"
import { MAX_DEPTH } from "../core/json/json-depth.ts"
import { isObject, type JsonObject } from "./read.ts"

/** Most items of one body. Meta batches up to 1,000; history bodies have more, but far fewer than this. */
const MAX_ITEMS = 20_000
const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`
const TOO_MANY = `more than ${MAX_ITEMS} items`

export type Visit = (
  out: Normalized,
  item: JsonObject,
  path: string,
) => Draft | Omit<Fault, "path" | "item"> | undefined

/**
 * Processes the elements of an array one by one, so that a malformed element is a fault and its siblings are still
 * processed. A single object counts as an array of one, a missing array as empty. Elements beyond the limit of the body
 * are one fault together.
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

/** Processes the value of each key as one item. Beyond the limit of the body, all of them are one fault. */
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
    // An error of our own code must not affect the siblings. Its message could quote the item, so only its class is
    // kept.
    out.faults.push({ path, reason: `could not be read: ${error instanceof Error ? error.name : "unknown"}`, item })
  }
}

/** The unlisted keys whose value is a non-empty array or object. */
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
