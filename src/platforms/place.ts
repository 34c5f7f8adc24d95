import { hash } from "node:crypto"
import type { RawItem } from "../core/event/details.ts"
import type { Platform } from "../core/event/event.ts"
import type { JsonObject } from "./read.ts"

/** Does the page have an owner on the app of the body? Called only if the body contradicts itself. */
export type IsConnected = (platform: Platform, pageId: string) => boolean

/** Where an item was found in its body: facts that the item itself may lack. */
export interface Place {
  platform: Platform
  /** Meta's own name of the product: page, instagram, whatsapp_business_account. */
  object: string
  /** Empty where Meta sent none. */
  entryId: string
  /** As sent, for the raw item. */
  entryTime: number | undefined
  entryTimeMs: number | undefined
  /** messaging, standby, calls, or the field of the change. */
  field: string
  standby: boolean
  /** The body is from the App Dashboard's test button. */
  test: boolean
  /** The body has an envelope; only samples have none. */
  enveloped: boolean
  isConnected: IsConnected
}

export function rawItem(place: Place, item: unknown): RawItem {
  return {
    object: place.object,
    entry_id: place.entryId,
    entry_time: place.entryTime,
    field: place.field,
    item: item ?? null,
  }
}

const SEPARATOR = "\x1f"

/** The platform's own identity of an item, from parts that may be missing. */
export function nativeKey(...parts: (string | number | null | undefined)[]): string {
  return parts.map((part) => part ?? "").join(SEPARATOR)
}

/** The native key of an item without an id: a hash that does not depend on the order of keys. */
export function fingerprint(...parts: unknown[]): string {
  return hash("sha256", canonical(parts), "base64url")
}

/** JSON with its keys in order. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  let text = ""
  for (const key of Object.keys(value).sort()) {
    const each = (value as JsonObject)[key]
    if (each !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonical(each)}`
  }
  return `{${text}}`
}
