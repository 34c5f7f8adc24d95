import type { Draft } from "../../../src/core/event/draft.ts"

/** Where what an event says about its sides cannot all be so; empty where it can. */
export function contradictions({ event, from, pageId, contact, details }: Draft): string[] {
  const { direction, identity, account } = details
  const number = digits(account?.display_phone_number)
  const found: string[] = []
  if (event === "message.received" && direction !== "inbound") found.push("a message is received and not inbound")
  if (event === "message.echo" && direction !== "outbound") found.push("an echo is not outbound")
  if (from !== "" && (from === pageId || from === number)) found.push("the contact is the page")
  if (contact !== from && (contact === "" || from === "")) found.push("a conversation and nobody in it")
  if (identity !== undefined && identity.id !== from) found.push("the identity is another's")
  return found
}

function digits(text = ""): string {
  return text.replace(/\D/g, "")
}
