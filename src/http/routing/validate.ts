import { z } from "zod"
import { AppError, type InputFault } from "../../core/api/problem.ts"

type Source = "body" | "query"

/**
 * Parses a client's input.
 *
 * @throws AppError invalid_body or invalid_query: lists each fault's path and what is allowed
 */
export function validate<T extends z.ZodType>(schema: T, input: unknown, source: Source): z.output<T> {
  const result = schema.safeParse(input, { reportInput: true })
  if (result.success) return result.data
  const errors = result.error.issues.flatMap((issue) => faultsOf(issue, schema))
  throw new AppError(source === "body" ? "invalid_body" : "invalid_query", summary(errors), { errors })
}

/** The error for one invalid field of a body that passed its schema. `message` completes the sentence "<path> …". */
export function invalidField(path: string, message: string): AppError {
  return new AppError("invalid_body", `${path} ${message}.`, { errors: [{ path, message }] })
}

function summary([first, ...others]: InputFault[]): string {
  const text = `${first?.path || "The value"} ${first?.message}`
  return others.length > 0 ? `${text} (and ${others.length} more, see errors).` : `${text}.`
}

function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType): InputFault[] {
  const path = pathText(issue.path)
  if (issue.code === "unrecognized_keys") {
    const allowed = keysAt(schema, issue.path)
    const hint = allowed ? `; allowed are ${allowed.join(", ")}` : ""
    return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: `is not a known key${hint}` }))
  }
  return [{ path, message: messageOf(issue) }]
}

/** Only enum messages repeat the given value: any other value may be a secret or a phone number. */
function messageOf(issue: z.core.$ZodIssue): string {
  const isCustom = !/^(Invalid|Too|Unrecognized)/.test(issue.message)
  if (isCustom) return issue.message
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is required" : `must be ${article(issue.expected)}`
    case "invalid_value":
      return issue.input === undefined
        ? "is required"
        : `must be one of ${issue.values.map(String).join(", ")}${got(issue)}`
    case "too_big":
      return `must ${size(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`
    case "too_small":
      return `must ${size(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}`
    case "invalid_format":
      return formatMessage(issue.format)
    default:
      return issue.message
  }
}

function formatMessage(format: string): string {
  return format === "datetime" ? "must be a time such as 2026-01-31T12:00:00Z" : `is not a valid ${format}`
}

function got(issue: z.core.$ZodIssue): string {
  const { input } = issue
  return typeof input === "string" && /^[\w.*-]{1,40}$/.test(input) ? `; "${input}" is not` : ""
}

function size(origin: string): string {
  return origin === "string" || origin === "array" ? "have" : "be"
}

function unit(origin: string): string {
  if (origin === "string") return " characters"
  return origin === "array" ? " items" : ""
}

function article(expected: string): string {
  const name = expected === "int" ? "integer" : expected === "record" ? "object" : expected
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`
}

/**
 * `page_ids[0]`, `headers.x-a`. Keys come from the client, so they are shortened and unprintable characters replaced.
 */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${clean(String(part))}`))
    .join("")
}

function clean(key: string): string {
  return key.replace(/[^\x20-\x7e]/g, "?").slice(0, 60)
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] | null {
  return path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape) : null
}
