import { randomBytes } from "node:crypto"

/** What a sample webhook is made from. */
export interface SampleInput {
  /** The business side: Page id, Instagram account id or phone number id. */
  page: string
  from: string
  text: string
  nowMs: number
}

/** Kind -> the body that Meta would post. */
export type Samples = Readonly<Record<string, (input: SampleInput) => unknown>>

/** A fresh id in the manner of Meta's, so that every sample is a new event. */
export const freshId = (prefix: string, bytes = 32) => `${prefix}${randomBytes(bytes).toString("base64url")}`
