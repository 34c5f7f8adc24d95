import { repeatsValues } from "./sqlstate.ts"

/** Redis names an unknown command with its arguments, of which one may be the password. */
const ARGUMENTS = /, with args beginning with: .*/s
const LEFT_OUT = "the message is left out, for it may repeat a value"

/** Message and stack as a log may have them: without the values that the store or the queue repeats in them. */
export function errorText({ message, stack, code }: Error & { code?: unknown }) {
  const text = repeatsValues(code) ? LEFT_OUT : message.replace(ARGUMENTS, "")
  if (text === message) return { message, stack }
  // The stack begins with the message; where it does not, it may have another one that repeats as much.
  return { message: text, stack: stack?.includes(message) ? stack.replace(message, () => text) : undefined }
}
