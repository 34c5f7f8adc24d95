/** Shorter words are unlikely to be credentials, and occur in texts by chance. */
const MIN_LENGTH = 8

/**
 * Replaces header values in a text by `***`, since an endpoint that is being debugged often echoes the request. The
 * words of a value are masked too, such as the token after `Bearer`, also as PHP's JSON writes them, with every slash
 * escaped.
 */
export function maskValues(text: string, headers: Readonly<Record<string, string>>): string {
  if (text === "") return text
  const words = Object.values(headers).flatMap((value) => [value, ...value.split(" ")])
  const secrets = words
    .filter((word) => word.length >= MIN_LENGTH)
    .flatMap((word) => [word, word.replaceAll("/", "\\/")])
  // Longest first: masking a shorter word that is a prefix of a longer one would leave the end of the longer one.
  secrets.sort((one, other) => other.length - one.length)
  return secrets.reduce((masked, word) => masked.replaceAll(word, "***"), text)
}
