import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pino } from "pino"
import type { Stores } from "../src/core/api/stores.ts"
import { createApp } from "../src/http/app.ts"
import { VERSION } from "../src/version.ts"

const FILE = join(import.meta.dirname, "openapi.json")

/** The document at `/openapi.json` for a local gateway, built without opening a store or a port. */
export async function openapiText(): Promise<string> {
  const app = await createApp({
    stores: { apiKeys: {}, customers: {} } as Stores,
    adminKeys: [],
    logger: pino({ level: "silent" }),
    routing: { changed: async () => {} },
    wake: () => {},
    testEvent: () => null,
    cursorSecret: new Uint8Array(),
    checkUrl: async () => null,
    now: () => 0,
    randomBytes: (size) => new Uint8Array(size),
    publicUrl: () => "http://127.0.0.1:3000",
    plugins: [],
    version: VERSION,
  })
  const document = (await app.inject({ url: "/openapi.json" })).json()
  const text = `${JSON.stringify(document, null, 2)}\n`
  await app.close()
  return text
}

if (import.meta.main) {
  const text = await openapiText()
  if (!process.argv.includes("--check")) {
    writeFileSync(FILE, text)
  } else if (readFileSync(FILE, "utf8") !== text) {
    console.error("schemas/openapi.json differs from the code; run: node schemas/openapi.ts")
    process.exitCode = 1
  }
}
