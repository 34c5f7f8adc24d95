import type { Message, MetaError } from "../../core/event/message.ts"
import type * as payload from "./payload.ts"

/** The part of a message that depends on its type. */
export type Content = Pick<Message, "type" | "body"> & Partial<Omit<Message, "type" | "body" | "id">>

export function toErrors(errors: payload.MetaError[] | undefined): MetaError[] | undefined {
  return errors?.map(({ code, error_subcode, title, message, error_data, details }) => ({
    code: code ?? 0,
    subcode: error_subcode,
    title,
    message,
    details: error_data?.details ?? details,
  }))
}
