/**
 * The literal of a `text[]` parameter, several times faster than the driver's own. JSON's quoting is the literal's as
 * long as there are no control characters, which JSON texts and ids do not have.
 */
export function textArray(values: readonly (string | null)[]): string {
  let literal = "{"
  for (const [index, value] of values.entries()) {
    if (index > 0) literal += ","
    literal += value === null ? "NULL" : JSON.stringify(value)
  }
  return `${literal}}`
}
