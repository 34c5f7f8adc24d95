import { CommanderError } from "commander"
import { describe, RefusedError, UsageError } from "./client/refused.ts"
import type { Io } from "./io.ts"
import { createProgram } from "./program.ts"

/**
 * Runs one command line.
 *
 * - `args` without the interpreter and the script
 * - answers the exit code: 0 done, 1 refused or failed, 2 not understood
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    await createProgram(io).parseAsync(args, { from: "user" })
    return 0
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    io.err(`${error instanceof RefusedError ? describe(error.problem) : message(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

function message(error: unknown): string {
  return `error: ${error instanceof Error ? error.message : String(error)}`
}
