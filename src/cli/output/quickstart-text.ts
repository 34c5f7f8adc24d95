import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Json } from "../client/api.ts"
import { dataDir } from "../client/settings.ts"
import { PLATFORMS } from "../input/parse.ts"
import { align, toText } from "./table.ts"

/** What quickstart made; `connection` only where a page was given. */
export interface Made {
  customer: Json
  api_key: Json
  endpoint: Json
  connection?: Json
}

/** The lines of the file that `--save` writes. */
export function environment(gateway: string, { api_key, endpoint }: Made): string {
  return `ONEHOOK_URL=${gateway}\nONEHOOK_API_KEY=${api_key.key}\nWEBHOOK_SECRET=${endpoint.secret}\n`
}

interface Place {
  /** The address that Meta is given. */
  publicUrl: string
  env: NodeJS.ProcessEnv
  save?: string | undefined
  /** What the commands that follow have to say of the gateway. */
  toldAgain: string
}

/** What people read after quickstart: what was made, what to paste at Meta, and what to run next. */
export function summary(made: Made, { publicUrl, env, save, toldAgain }: Place): string {
  const next = nextLines(made).map((line) => `  ${line}${toldAgain}\n`)
  return `${align(madeLines(made))}\
${save ? `Key and secret are in ${save} too; they` : "Key and secret"} are not shown again.

Paste into Meta's app dashboard, under Webhooks:
${align(dashboardLines(publicUrl, made, env))}\
${isLocal(publicUrl) ? LOCAL_NOTE : ""}
Next:
${next.join("")}`
}

const LOCAL_NOTE = "  Meta calls public https addresses only; docs/guides/connect-a-page.md shows how to set one up.\n"

function madeLines({ customer, api_key, endpoint, connection }: Made): string[][] {
  const lines = [
    ["customer", `${toText(customer.id)}  ${toText(customer.name)}`],
    ["API key", toText(api_key.key)],
    ["endpoint", `${toText(endpoint.id)}  ${toText(endpoint.url)}`],
    ["secret", toText(endpoint.secret)],
  ]
  if (connection) {
    const { id, platform, page_id, status } = connection
    lines.push(["connection", `${toText(id)}  ${toText(platform)} page ${toText(page_id)}, ${toText(status)}`])
  }
  return lines
}

function dashboardLines(publicUrl: string, { connection }: Made, env: NodeJS.ProcessEnv): string[][] {
  const platforms = connection ? [String(connection.platform)] : PLATFORMS
  const file = join(dataDir(env), "meta-verify-token")
  const set = "the gateway's META_VERIFY_TOKEN"
  return [
    ...platforms.map((platform) => ["  Callback URL", `${publicUrl}/webhooks/${platform}`]),
    ["  Verify token", existsSync(file) ? `the text in ${file}, unless you set META_VERIFY_TOKEN` : set],
  ]
}

function nextLines({ customer, connection }: Made): string[] {
  const as = `--customer ${toText(customer.id)}`
  const { platform, page } = connection
    ? { platform: toText(connection.platform), page: toText(connection.page_id) }
    : { platform: "facebook", page: "PAGE_ID" }
  const lines = [
    `npx onehook trigger ${platform} --page ${page}`,
    `npx onehook events list ${as}`,
    `npx onehook deliveries list ${as}`,
  ]
  if (connection) return lines
  return [
    `npx onehook connections create ${as} --platform ${platform} --page ${page}`,
    `npx onehook connections activate ${as} con_…`,
    ...lines,
  ]
}

const isLocal = (gateway: string) => /^https?:\/\/(127\.|localhost|\[::1\])/.test(gateway)
