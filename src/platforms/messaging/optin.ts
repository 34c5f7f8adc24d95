import type { Optin } from "../../core/event/details.ts"
import { nativeKey } from "../place.ts"
import type { At, Made } from "./made.ts"
import type { Optin as MetaOptin } from "./payload.ts"

/** Meta also sends "stop" as an optin. */
export function fromOptin(given: MetaOptin, at: At): Made {
  const stopped = given.notification_messages_status?.toUpperCase().startsWith("STOP") === true
  const state = stopped ? "revoked" : given.one_time_notif_token !== undefined ? "token" : "granted"
  return make(given, at, state)
}

export function fromOptout(given: MetaOptin, at: At): Made {
  return make(given, at, "revoked")
}

function make(given: MetaOptin, at: At, state: Optin["state"]): Made {
  const token = given.notification_messages_token ?? given.one_time_notif_token
  const expiry = given.token_expiry_timestamp
  const optin: Optin = {
    kind: given.type ?? (given.user_ref === undefined ? "send_to_messenger" : "checkbox"),
    state,
    token,
    category: given.payload,
    ref: given.ref,
    expires_at: expiry === undefined ? undefined : Math.floor(expiry / 1000),
  }
  const native = nativeKey(at.parties.contact, at.timestampMs, given.ref, token, state)
  return { event: "optin.update", native, details: { optin } }
}
