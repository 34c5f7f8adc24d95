#!/usr/bin/env node
import { run } from "./run.ts"

const stop = (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1)
process.stdout.on("error", stop)
process.stderr.on("error", stop)

const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY,
})
if (exitCode !== 0) process.exitCode = exitCode
