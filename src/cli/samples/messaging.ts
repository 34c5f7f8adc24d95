import type { SampleInput } from "./sample.ts"

/** A Messenger or Instagram webhook with one item from the contact to the page. */
export function messaging(object: "page" | "instagram", input: SampleInput, item: object) {
  return envelope(object, input, { sender: { id: input.from }, recipient: { id: input.page } }, item)
}

/** The same with one item from the page to the contact. */
export function outbound(object: "page" | "instagram", input: SampleInput, item: object) {
  return envelope(object, input, { sender: { id: input.page }, recipient: { id: input.from } }, item)
}

function envelope(object: string, { page, nowMs }: SampleInput, parties: object, item: object) {
  return { object, entry: [{ id: page, time: nowMs, messaging: [{ ...parties, timestamp: nowMs, ...item }] }] }
}
