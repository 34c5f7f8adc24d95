import type { Normalized } from "../core/event/draft.ts"
import type { Platform } from "../core/event/event.ts"
import type { Entry } from "./entry.ts"
import { normalizeFacebook } from "./facebook/normalize.ts"
import { normalizeInstagram } from "./instagram/normalize.ts"
import type { IsConnected } from "./place.ts"
import { isObject } from "./read.ts"
import { each } from "./walk.ts"
import { normalizeWhatsApp } from "./whatsapp/normalize.ts"

const OBJECTS: Readonly<Record<string, Platform>> = {
  page: "facebook",
  instagram: "instagram",
  whatsapp_business_account: "whatsapp",
}

const OBJECT_OF = { facebook: "page", instagram: "instagram", whatsapp: "whatsapp_business_account" } as const

const normalizers: { readonly [P in Platform]: (out: Normalized, entry: Entry) => void } = {
  facebook: normalizeFacebook,
  instagram: normalizeInstagram,
  whatsapp: normalizeWhatsApp,
}

/** The platform that a body names in `object`; undefined if it names no known one. */
export function platformOf(body: unknown): Platform | undefined {
  const envelope = Array.isArray(body) ? body[0] : body
  if (!isObject(envelope) || typeof envelope.object !== "string") return undefined
  return Object.hasOwn(OBJECTS, envelope.object) ? OBJECTS[envelope.object] : undefined
}

/**
 * Normalizes a body of Meta's: each item becomes an event or a fault.
 *
 * - platform: the platform of the route, for bodies without a known `object`
 * - isConnected: tells connected pages, for items whose entry names neither side; by default none is connected
 * - isCut: `parseBody` removed parts that are nested too deep; items that contained them are faults
 * - errors: never throws. A body that is not an envelope gives one fault with an empty path
 */
export function normalize(platform: Platform, body: unknown, known: Known = {}): Normalized {
  const { isConnected = noPage, isCut = false } = known
  const out: Normalized = isCut ? { drafts: [], faults: [], isCut } : { drafts: [], faults: [] }
  const from = { platform, isConnected }
  // Instagram's documents show envelopes in an array.
  if (!Array.isArray(body)) fromEnvelope(out, from, body, "")
  else if (body.length > 0 && body.every(isEnvelope)) {
    each(out, body, "", (_, envelope, path) => {
      fromEnvelope(out, from, envelope, `${path}.`)
      return undefined
    })
  } else out.faults.push({ path: "", reason: "not an envelope", item: body })
  return out
}

/** Context that the body itself does not contain. */
interface Known {
  isConnected?: IsConnected
  isCut?: boolean
}

const noPage = () => false

function isEnvelope(body: unknown): boolean {
  return isObject(body) && body.entry !== undefined
}

interface From {
  /** The route's. */
  platform: Platform
  isConnected: IsConnected
}

function fromEnvelope(out: Normalized, { platform: hint, isConnected }: From, body: unknown, prefix: string): void {
  const path = prefix.slice(0, -1)
  if (!isObject(body)) {
    out.faults.push({ path, reason: "not an envelope", item: body })
  } else if (body.object !== undefined && platformOf(body) === undefined) {
    out.faults.push({ path, reason: "unknown object", item: body })
  } else if (body.entry !== undefined) {
    const platform = platformOf(body) ?? hint
    const object = OBJECT_OF[platform]
    each(out, body.entry, `${prefix}entry`, (_, value, path) => {
      normalizers[platform](out, { object, value, path, sample: false, isConnected })
      return undefined
    })
  } else if (typeof body.field === "string") {
    // A sample of the App Dashboard, which people also post by hand.
    const value = { id: "0", ...body }
    normalizers[hint](out, { object: OBJECT_OF[hint], value, path, sample: true, isConnected })
  } else {
    out.faults.push({ path, reason: "not an envelope", item: body })
  }
}
