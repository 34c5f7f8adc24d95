import { join } from "node:path"
import type { Context } from "./context.ts"
import { VERSION } from "./version.ts"

/** What a person needs to know after the start; a supervised installation only gets a log line. */
export function announce({ config, logger }: Context, url: string): void {
  logger.info({ url, role: config.role, store: config.store.kind, version: VERSION }, "listening")
  if (config.loopbackOnly) {
    logger.warn("listening on loopback only: endpoints may be http and on this machine; never so with another HOST")
  }
  if (config.store.kind !== "embedded") return
  logger.warn("the embedded store survives a crash of the process, not of the machine; production needs DATABASE_URL")
  if (config.logLevel !== "silent") console.log(welcome(config.dataDir, url))
}

function welcome(dataDir: string, url: string): string {
  const settings = [
    url === "http://127.0.0.1:3000" ? "" : `  export ONEHOOK_URL=${url}\n`,
    dataDir === "./data" ? "" : `  export DATA_DIR=${dataDir}\n`,
  ].join("")
  return `
Onehook ${VERSION} listens on ${url}
  operator key   ${join(dataDir, "admin-key")}

Next, in another terminal:
${settings}\
  npx onehook quickstart --name Acme --url http://127.0.0.1:4000/ --platform facebook --page 100200300400500 --save data/acme.env
  npx node --env-file=data/acme.env docs/examples/receiver.ts &
  npx onehook trigger facebook --page 100200300400500 --text "Hello! I need help with my order."
`
}
