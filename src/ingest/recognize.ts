import { contactKey } from "../core/contact/assign-aliases.ts"
import {
  type Alias,
  aliasesOf,
  beginning,
  type Contact,
  isAboutContact,
  nameOf,
  type Sighting,
} from "../core/contact/contact.ts"
import { conversationStarted } from "../core/contact/synthetic-events.ts"
import type { Draft } from "../core/event/draft.ts"
import { conversationId, eventId } from "../core/event/ids.ts"
import type { Routed } from "./assemble.ts"
import type { KnownContacts } from "./known-contacts.ts"

interface RecognizeDeps {
  contacts: Pick<KnownContacts, "find">
  instanceKey: Uint8Array
}

/** An event with its contact, or with the sighting from which the store finds or creates the contact. */
export interface Recognized {
  routed: Routed
  /** For an event without a contact the conversation is empty, or that of a sample. */
  contact: Pick<Contact, "conversationId" | "aliases">
  sighting?: Sighting
}

const NO_CONTACT = { conversationId: "", aliases: [] }

/** Finds the contact of an event in the cache; otherwise returns a sighting to resolve in the store. */
export function createRecognize({ contacts, instanceKey }: RecognizeDeps) {
  const conversationOf = (customerId: string, { platform, pageId, contact }: Draft) =>
    conversationId(instanceKey, { customerId, platform, pageId, contact })

  return function recognize(routed: Routed): Recognized {
    const { customerId, draft, receivedAtMs } = routed
    if (draft.contact === "") return { routed, contact: NO_CONTACT }
    if (!isAboutContact(draft)) {
      return { routed, contact: { conversationId: conversationOf(customerId, draft), aliases: [] } }
    }
    const aliases = aliasesOf(draft)
    const contact = contacts.find(customerId, draft, aliases, receivedAtMs)
    if (contact !== undefined) return { routed, contact }
    const sighting = sightingOf(routed, aliases, conversationOf(customerId, draft))
    return { routed, contact: { conversationId: sighting.conversationId, aliases }, sighting }
  }
}

/** All keys by which the contact of an event may be cached or locked. */
export function contactKeysOf({ customerId, draft }: Routed): string[] {
  const { platform, pageId, contact } = draft
  const aliases = aliasesOf(draft)
  if (aliases.length === 0) return [contactKey(customerId, platform, pageId, contact)]
  return aliases.map(({ id }) => contactKey(customerId, platform, pageId, id))
}

function sightingOf({ appId, customerId, draft }: Routed, aliases: Alias[], conversation: string): Sighting {
  const { platform, pageId, details } = draft
  const begins = beginning(draft)
  return {
    customerId,
    appId,
    platform,
    pageId,
    scopedId: draft.contact,
    idType: details.identity?.id_type ?? "psid",
    aliases,
    conversationId: conversation,
    name: nameOf(details.profile?.name),
    username: nameOf(details.profile?.username),
    pictureUrl: details.profile?.picture_url ?? null,
    startedBy: begins === "now" ? eventId(conversationStarted(draft)) : begins === "past" ? "" : null,
  }
}
