import { pino } from "pino"
import { errorText } from "../../core/errors/error-text.ts"

/** JSON lines, ids as fields; never a body, a secret, a token or a phone number. */
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

/** Only these fields: database errors also carry statements, parameters and rows. */
function errorFields(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error }
  const { name, code } = error as Error & { code?: string }
  const { message, stack } = errorText(error)
  return { type: name, message, code, stack }
}

/** Rate limit for a log line: the first passes at once, then one every `everyMs` with the number suppressed since. */
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
