/** What is shorter is hardly a credential, and stands in many a text by chance. */
const SHORTEST = 8

/**
 * A text without the values of headers that it repeats: an endpoint that is being debugged shows the request it got. Each
 * word of a value counts, such as the token after `Bearer`, and also as PHP's JSON has it, which escapes every slash.
 */
export function maskValues(text: string, headers: Readonly<Record<string, string>>): string {
  if (text === "") return text
  const words = Object.values(headers).flatMap((value) => [value, ...value.split(" ")])
  const told = words.filter((word) => word.length >= SHORTEST).flatMap((word) => [word, word.replaceAll("/", "\\/")])
  // The longest first: of two that begin alike, the shorter would leave the end of the other.
  told.sort((one, other) => other.length - one.length)
  return told.reduce((masked, word) => masked.replaceAll(word, "***"), text)
}
