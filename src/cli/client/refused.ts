/** The fields of an RFC 9457 problem that are shown. */
export interface Problem {
  status: number
  code?: string
  title?: string
  detail?: string
  errors?: { path?: string; message?: string }[]
  requestId?: string
  hint?: string
}

/** The gateway responded with an error. */
export class RefusedError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${problem.status}`)
    this.problem = problem
  }
}

const HINTS: Readonly<Record<string, string>> = {
  customer_required: "pass --customer cus_…; `onehook customers list` lists them",
  operator_required:
    "--key or ONEHOOK_API_KEY holds a customer's key, which takes precedence over ADMIN_KEY and the file admin-key " +
    "in DATA_DIR. Unset ONEHOOK_API_KEY, or pass the operator's key with --key",
}

/** The error, the invalid fields and a hint, over several lines; no trailing line break. */
export function describe(problem: Problem): string {
  const { code, title, detail, errors, requestId, hint = HINTS[code ?? ""] } = problem
  const lines = [`error: ${title ?? "the gateway refused the request"} ${codeOf(problem)}`]
  // If there are field errors, the detail only repeats them.
  if (detail && !errors?.length) lines.push(`  ${detail}`)
  for (const { path, message } of errors ?? []) lines.push(`  ${path ? `${path}: ` : ""}${message ?? ""}`)
  if (hint) lines.push(`  ${hint}`)
  if (requestId) lines.push(`  request ${requestId}`)
  return lines.join("\n")
}

/** A temporary refusal in one line. */
export function describeBriefly(problem: Problem): string {
  const { title, detail } = problem
  return `refused, retrying ${codeOf(problem)}: ${detail ?? title ?? "no reason given"}`
}

const codeOf = ({ status, code }: Problem) => `(${[status, code].filter(Boolean).join(" ")})`

/** An option, environment variable or input file is missing or invalid. */
export class UsageError extends Error {}
