import { repeatsValues } from "./sqlstate.ts"

/** Redis repeats the arguments of an unknown command, one of which may be the password. */
const ARGUMENTS = /, with args beginning with: .*/s
const OMITTED = "(message omitted: it may contain a value)"

/** Message and stack for a log, without values that the store or the queue may have put into them. */
export function errorText({ message, stack, code }: Error & { code?: unknown }) {
  const text = repeatsValues(code) ? OMITTED : message.replace(ARGUMENTS, "")
  if (text === message) return { message, stack }
  // The stack normally starts with the message. If it does not, it may contain another message with the same values.
  return { message: text, stack: stack?.includes(message) ? stack.replace(message, () => text) : undefined }
}
