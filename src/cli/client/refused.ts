/** The parts of an RFC 9457 problem that people want to read. */
export interface Problem {
  status: number
  code?: string
  title?: string
  detail?: string
  errors?: { path?: string; message?: string }[]
  requestId?: string
  hint?: string
}

/** The gateway answered, and the answer was no. */
export class RefusedError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${problem.status}`)
    this.problem = problem
  }
}

const HINTS: Readonly<Record<string, string>> = {
  customer_required: "say --customer cus_…; `onehook customers list` shows them",
  operator_required:
    "this needs the operator's key, and --key or ONEHOOK_API_KEY gave a customer's, which goes before ADMIN_KEY and " +
    "the file admin-key in DATA_DIR: unset ONEHOOK_API_KEY, or say --key",
}

/** What was refused, where, and what is allowed; no line break at the end. */
export function describe(problem: Problem): string {
  const { code, title, detail, errors, requestId, hint = HINTS[code ?? ""] } = problem
  const lines = [`error: ${title ?? "the gateway refused"} ${codeOf(problem)}`]
  // The detail of a problem with faults is the same faults as one sentence.
  if (detail && !errors?.length) lines.push(`  ${detail}`)
  for (const { path, message } of errors ?? []) lines.push(`  ${path ? `${path}: ` : ""}${message ?? ""}`)
  if (hint) lines.push(`  ${hint}`)
  if (requestId) lines.push(`  request ${requestId}`)
  return lines.join("\n")
}

/** In one line, what is refused for now. */
export function describeBriefly(problem: Problem): string {
  const { title, detail } = problem
  return `refused, trying again ${codeOf(problem)}: ${detail ?? title ?? "no reason given"}`
}

const codeOf = ({ status, code }: Problem) => `(${[status, code].filter(Boolean).join(" ")})`

/** The command line or the environment lacks something, or it cannot be read. */
export class UsageError extends Error {}
