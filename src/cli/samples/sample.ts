import { randomBytes } from "node:crypto"

/** The variable parts of a sample webhook. */
export interface SampleInput {
  /** The business side: Page id, Instagram account id or phone number id. */
  page: string
  from: string
  text: string
  nowMs: number
}

/** Builders of the bodies that Meta would post, by kind. */
export type Samples = Readonly<Record<string, (input: SampleInput) => unknown>>

/** A random id in Meta's format, so that every sample is a new event. */
export const freshId = (prefix: string, bytes = 32) => `${prefix}${randomBytes(bytes).toString("base64url")}`
