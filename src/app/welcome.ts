import { join } from "node:path"
import { VERSION } from "../version.ts"
import type { Context } from "./context.ts"

const ADDRESS = "http://127.0.0.1:3000"
const DATA_DIR = "./data"

/** Reports the start: a log line, and for a person on the embedded store the first commands to run. */
export function announce({ config, logger }: Context, url: string): void {
  logger.info({ url, role: config.role, store: config.store.kind, version: VERSION }, "listening")
  if (config.loopbackOnly) {
    logger.warn(
      "only this machine can reach Onehook, so http endpoints on this machine are allowed; " +
        "they are refused once HOST or PUBLIC_URL is an address that others can reach",
    )
  }
  if (config.store.kind !== "embedded") return
  logger.warn("the embedded store survives a crash of the process, not of the machine; production needs DATABASE_URL")
  if (config.logLevel === "silent") return
  const key = config.adminKeys === undefined ? join(config.dataDir, "admin-key") : "ADMIN_KEY"
  console.log(welcome({ url, key, dataDir: config.dataDir }))
}

/** The README's quick start, for an instance with this data directory. */
export function firstCommands(dataDir: string): string[] {
  const file = quoted(join(dataDir, "acme.env"))
  const page = "--platform facebook --page 100200300400500"
  return [
    `npx onehook quickstart --name Acme --url http://127.0.0.1:4000/ ${page} --save ${file}`,
    `npx node --env-file=${file} docs/examples/receiver.ts &`,
    `npx onehook trigger facebook --page 100200300400500 --text "Hello! I need help with my order."`,
  ]
}

function welcome({ url, key, dataDir }: { url: string; key: string; dataDir: string }): string {
  const settings = [
    ...(url === ADDRESS ? [] : [`export ONEHOOK_URL=${url}`]),
    ...(dataDir === DATA_DIR ? [] : [`export DATA_DIR=${quoted(dataDir)}`]),
  ]
  const lines = [...settings, ...firstCommands(dataDir)].map((line) => `  ${line}\n`)
  return `
Onehook ${VERSION} listens on ${url}
  operator key   ${key}

Next, in another terminal, in the same folder:
${lines.join("")}`
}

/** Quoted for a shell, where needed. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
