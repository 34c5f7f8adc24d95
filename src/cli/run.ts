import { CommanderError } from "commander"
import { describe, RefusedError, UsageError } from "./client/refused.ts"
import type { Io } from "./io.ts"
import { createProgram } from "./program.ts"

/**
 * Runs one command line.
 *
 * @param args without the interpreter and the script
 * @returns the exit code: 0 success, 1 refused or failed, 2 usage error
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    await createProgram(io).parseAsync(args, { from: "user" })
    return 0
  } catch (error) {
    // Commander has already printed its message or the requested help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    io.err(`${error instanceof RefusedError ? describe(error.problem) : message(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

function message(error: unknown): string {
  return `error: ${error instanceof Error ? error.message : String(error)}`
}
