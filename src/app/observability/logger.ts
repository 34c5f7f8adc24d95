import { pino } from "pino"
import { errorText } from "../../core/errors/error-text.ts"

/** One line per fact, ids as fields; never a body, a secret, a token or a phone number. */
export function createLogger(level: string) {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorFields },
    redact: ["req.headers", "req.query", "*.authorization", "*.access_token", "*.secret"],
  })
}

export type Logger = ReturnType<typeof createLogger>

/** Not the rest: the store's errors carry statements, parameters and rows. */
function errorFields(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error }
  const { name, code } = error as Error & { code?: string }
  const { message, stack } = errorText(error)
  return { type: name, message, code, stack }
}

/** Lets the first of a burst through at once, then one in `everyMs` that says how many were left out. */
export function atMostEvery<T>(everyMs: number, now: () => number, log: (fact: T, leftOut: number) => void) {
  let quietUntilMs = 0
  let leftOut = 0
  return (fact: T) => {
    if (now() < quietUntilMs) {
      leftOut += 1
      return
    }
    log(fact, leftOut)
    quietUntilMs = now() + everyMs
    leftOut = 0
  }
}
