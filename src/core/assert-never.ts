/** Ends a switch over a union: a case left out is a type error here. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${typeof value}`)
}
