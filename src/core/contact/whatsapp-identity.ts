import type { Identity } from "../event/person.ts"

export interface Ids {
  phone?: string | undefined
  bsuid?: string | undefined
  parentBsuid?: string | undefined
}

const DIGITS = /^\d+$/

/** The ids of a WhatsApp contact as an event tells them; undefined where there is neither phone nor BSUID. */
export function whatsAppIdentity({ phone, bsuid, parentBsuid }: Ids, preferBsuid = false): Identity | undefined {
  const byBsuid = preferBsuid && bsuid !== undefined
  const id = byBsuid ? bsuid : (phone ?? bsuid)
  if (id === undefined) return undefined
  return {
    id,
    id_type: id === phone ? "wa_id" : "bsuid",
    wa_id: phone,
    phone_number: phone !== undefined && DIGITS.test(phone) ? `+${phone}` : undefined,
    bsuid,
    parent_bsuid: parentBsuid,
  }
}
