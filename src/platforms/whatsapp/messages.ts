import type { Ids } from "../../core/contact/whatsapp-identity.ts"
import type { Origin, Referral } from "../../core/event/details.ts"
import type { Message } from "../../core/event/message.ts"
import { nativeKey } from "../place.ts"
import { isObject, type JsonObject } from "../read.ts"
import { contentOf } from "./contents.ts"
import type { Made } from "./made.ts"
import * as payload from "./payload.ts"
import { authorOf, groupOf, type Person, personOf, withPhone } from "./person.ts"
import { fingerprintAt, isOwn, type WhatsAppPlace } from "./place.ts"
import { unwrap } from "./request.ts"
import { fromSystem } from "./system.ts"

/** One of `messages[]`: a contact's message, or, if the connected number is the sender, an echo. */
export function fromInbound(item: JsonObject, place: WhatsAppPlace): Made {
  const given = payload.Message.parse(item)
  const ids = senderOf(given)
  if (given.type === "system" && isObject(item.system)) return fromSystem(given, item, item.system, ids, place)
  if (isOwn(place, given.from)) return fromOwn(given, item, place)
  return fromMessage(given, item, personOf(place, ids), "inbound", place)
}

/** As a received message, a bot would answer itself. The person of the item is the receiver. */
function fromOwn(given: payload.Message, item: JsonObject, place: WhatsAppPlace): Made {
  const to = receiverOf(given)
  const ids = to.phone === undefined && to.bsuid === undefined ? { ...senderOf(given), phone: undefined } : to
  return withOrigin(fromMessage(given, item, personOf(place, ids), "outbound", place), originOf(given, place))
}

/** One of `message_echoes[]`: a message that the business wrote in its phone app, or Meta's agent wrote for it. */
export function fromEcho(item: JsonObject, place: WhatsAppPlace): Made {
  const sent = unwrap(item)
  const given = payload.Message.parse(sent)
  const made = fromMessage(given, sent, personOf(place, receiverOf(given)), "outbound", place)
  return withOrigin(made, originOf(given, place))
}

/** Who acted for the business; an unmapped event has it in its raw item. */
export function withOrigin(made: Made, origin: Origin): Made {
  return made.event === "event.unmapped" ? made : { ...made, details: { origin, ...made.details } }
}

export function senderOf(given: payload.Message): Ids {
  return { phone: given.from, bsuid: given.from_user_id, parentBsuid: given.from_parent_user_id }
}

export function receiverOf(given: payload.Message): Ids {
  return { phone: given.to, bsuid: given.to_user_id, parentBsuid: given.to_parent_user_id }
}

const FROM_PHONE_APP = ["smb_message_echoes", "history"]

function originOf({ message_creation_type }: payload.Message, place: WhatsAppPlace): Origin {
  if (message_creation_type === "created_by_1p_bot") return { kind: "meta_agent" }
  if (place.standby) return { kind: "automation" }
  return { kind: FROM_PHONE_APP.includes(place.field) ? "business_app" : "unknown" }
}

/** A message, or a reaction, edit or deletion. */
export function fromMessage(
  given: payload.Message,
  item: JsonObject,
  speaker: Person | undefined,
  direction: "inbound" | "outbound",
  place: WhatsAppPlace,
): Made {
  const { type, timestamp: timestampMs } = given
  const person = given.group_id === undefined ? speaker : groupOf(given.group_id, speaker)
  const base = { native: given.id ?? fingerprintAt(place, timestampMs, item), timestampMs, person, direction }
  if (type === "edit") return { ...base, ...fromEdit(given, item.edit) }
  if (type === "revoke" && isObject(item.revoke)) return { ...base, ...fromRevoke(item.revoke, direction) }
  if (type === "reaction" && isObject(item.reaction)) {
    const { message_id = "", emoji } = payload.Reaction.parse(item.reaction)
    const action = emoji === undefined || emoji === "" ? "removed" : "added"
    const reaction = { action, emoji: emoji || null, name: null, message_id } as const
    return { ...base, event: "message.reaction", details: { reaction } }
  }
  const author = given.group_id !== undefined && direction === "inbound" ? speaker : undefined
  const shared = direction === "inbound" && given.group_id === undefined ? sharedPhone(item) : undefined
  const phone = isOwn(place, shared) ? undefined : shared
  return {
    ...base,
    person: person !== undefined && phone !== undefined ? withPhone(person, phone) : person,
    // The media itself follows under the same id.
    native: type === "media_placeholder" ? nativeKey(base.native, type) : base.native,
    event: direction === "inbound" ? "message.received" : "message.echo",
    message: toMessage(given, item, given.id, author),
    details: { referral: given.referral && toReferral(given.referral) },
  }
}

function sharedPhone({ contacts }: JsonObject): string | undefined {
  const card = Array.isArray(contacts) ? payload.SharedContact(contacts[0]) : undefined
  return card?.origin === "contact_request" ? card.phones?.find(({ wa_id }) => wa_id !== undefined)?.wa_id : undefined
}

function fromEdit({ timestamp }: payload.Message, edit: unknown): Pick<Made, "event" | "message"> {
  const { original_message_id = "", message } = isObject(edit) ? payload.Edit.parse(edit) : {}
  // An edit without content would say that the original is now empty.
  if (!isObject(message)) return { event: "event.unmapped" }
  // Its context is the literal M0, which names no message.
  const { context: _, ...edited } = payload.Message.parse(message)
  const at = timestamp === undefined ? undefined : Math.floor(timestamp / 1000)
  const content = toMessage(edited, message, original_message_id, undefined)
  return { event: "message.edited", message: { ...content, edit: { at } } }
}

function fromRevoke(revoke: JsonObject, direction: "inbound" | "outbound"): Pick<Made, "event" | "message"> {
  const { original_message_id = "" } = payload.Revoke.parse(revoke)
  const by = direction === "inbound" ? "contact" : "business"
  return { event: "message.deleted", message: { type: "text", body: "", id: original_message_id, deleted: { by } } }
}

function toMessage(
  given: payload.Message,
  item: JsonObject,
  id: string | undefined,
  author: Person | undefined,
): Message {
  const { type, body, unsupported, ...content } = contentOf(given.type, item, given.errors)
  const { context } = given
  const quoted = context?.id ?? context?.message_id
  const product = context?.referred_product
  return {
    type,
    body,
    id: id ?? "",
    ...content,
    reply_to:
      quoted === undefined && product === undefined
        ? undefined
        : {
            message_id: quoted,
            from: context?.from ?? context?.from_user_id,
            product: product && { catalog_id: product.catalog_id, retailer_id: product.product_retailer_id },
          },
    forwarded: context?.forwarded,
    frequently_forwarded: context?.frequently_forwarded,
    group_id: given.group_id,
    author: author && authorOf(author),
    unsupported,
  }
}

/** The ad or post that led here; a message of any type can have it. */
function toReferral(given: payload.Referral): Referral {
  const { source_type } = given
  return {
    source: source_type === "ad" || source_type === "post" ? source_type : "unknown",
    source_raw: source_type,
    ref: given.ref,
    ad_id: source_type === "ad" ? given.source_id : undefined,
    source_id: given.source_id,
    source_url: given.source_url,
    ctwa_clid: given.ctwa_clid,
    headline: given.headline,
    body: given.body,
    media_type: given.media_type,
    media_url: given.image_url ?? given.video_url,
  }
}
