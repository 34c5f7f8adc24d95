import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Json } from "../client/api.ts"
import { dataDir } from "../client/settings.ts"
import { PLATFORMS } from "../input/parse.ts"
import { align, toText } from "./table.ts"

/** The objects that quickstart created; `connection` only if a page was given. */
export interface Created {
  customer: Json
  api_key: Json
  endpoint: Json
  connection?: Json
}

/** The lines of the file that `--save` writes. */
export function environment(gateway: string, { api_key, endpoint }: Created): string {
  return `ONEHOOK_URL=${gateway}\nONEHOOK_API_KEY=${api_key.key}\nWEBHOOK_SECRET=${endpoint.secret}\n`
}

interface SummaryContext {
  /** The base URL of the callback URLs. */
  publicUrl: string
  env: NodeJS.ProcessEnv
  save?: string | undefined
  /** The gateway option to repeat in suggested commands, or empty. */
  gatewayOption: string
}

/** The output of quickstart: what was created, what to enter at Meta, and what to run next. */
export function summary(created: Created, { publicUrl, env, save, gatewayOption }: SummaryContext): string {
  const next = nextLines(created).map((line) => `  ${line}${gatewayOption}\n`)
  return `${align(createdLines(created))}\
${save ? `The key and the secret are also in ${save}. They` : "The key and the secret"} are not shown again.

Enter in Meta's app dashboard, under Webhooks:
${align(dashboardLines(publicUrl, created, env))}\
${isLocal(publicUrl) ? LOCAL_NOTE : ""}
Next:
${next.join("")}`
}

const LOCAL_NOTE = "  Meta calls public https addresses only; docs/guides/connect-a-page.md shows how to set one up.\n"

function createdLines({ customer, api_key, endpoint, connection }: Created): string[][] {
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

function dashboardLines(publicUrl: string, { connection }: Created, env: NodeJS.ProcessEnv): string[][] {
  const platforms = connection ? [String(connection.platform)] : PLATFORMS
  const file = join(dataDir(env), "meta-verify-token")
  const set = "the gateway's META_VERIFY_TOKEN"
  return [
    ...platforms.map((platform) => ["  Callback URL", `${publicUrl}/webhooks/${platform}`]),
    ["  Verify token", existsSync(file) ? `the content of ${file}, unless META_VERIFY_TOKEN is set` : set],
  ]
}

function nextLines({ customer, connection }: Created): string[] {
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
