import type { Action } from "../../core/event/message.ts"
import { parseJsonText } from "../../core/json/json.ts"
import { isObject, type JsonObject } from "../read.ts"
import type { Content } from "./content.ts"
import * as payload from "./payload.ts"

const TYPES = ["button_reply", "list_reply", "nfm_reply", "call_permission_reply"]

/**
 * A tap or an answer, usually under its type; in Meta's example of an address the type is `interactive`. An interactive
 * message of the business (in echoes) has a body and no answer.
 */
export function fromInteractive(given: JsonObject): Content {
  const { type: told = "", body } = payload.Interactive.parse(given)
  const type = [told, ...TYPES].find((each) => Object.hasOwn(given, each) && isObject(given[each]))
  const reply = type === undefined ? undefined : given[type]
  if (type === undefined || !isObject(reply)) return { type: "interactive", body: body?.text ?? "" }
  if (type === "nfm_reply") return fromFlow(reply)
  const { id, title, description, response } = payload.Reply.parse(reply)
  const known = type === "button_reply" || type === "list_reply"
  const action: Action = { kind: type, payload: id ?? response ?? "", title, description }
  if (!known) action.response = reply
  return { type: "interactive", body: title ?? "", action }
}

/** The answer is a JSON text, sometimes invalid, or an object. */
function fromFlow(reply: JsonObject): Content {
  const { name, body, response_json } = payload.FlowReply.parse(reply)
  const raw = typeof response_json === "string" ? response_json : undefined
  const response = raw === undefined ? (response_json ?? undefined) : parsed(raw)
  const token = isObject(response) && typeof response.flow_token === "string" ? response.flow_token : ""
  const kind = name === "address_message" ? "address_reply" : "flow_reply"
  const action: Action = { kind, payload: token, title: body, response, response_raw: raw }
  return { type: "interactive", body: body ?? "", action }
}

function parsed(json: string): unknown {
  try {
    return parseJsonText(json)
  } catch {
    return undefined
  }
}
