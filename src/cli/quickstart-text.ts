import { join } from "node:path"
import type { Json } from "./api.ts"
import { PLATFORMS } from "./parse.ts"
import { dataDir } from "./settings.ts"
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

/** What people read after quickstart: what was made, what to paste at Meta, and what to run next. */
export function summary(gateway: string, made: Made, { env, save }: { env: NodeJS.ProcessEnv; save?: string }): string {
  return [
    align(madeLines(made)),
    save
      ? `The key and the secret are in ${save} too; neither is shown again.\n`
      : "Neither key nor secret is shown again.\n",
    "\nPaste into Meta's app dashboard, under Webhooks:\n",
    align(dashboardLines(gateway, made, env)),
    isLocal(gateway)
      ? "  (Meta needs a public https address: set PUBLIC_URL to it and put it in place of the one above)\n"
      : "",
    "\nNext:\n",
    nextLines(made)
      .map((line) => `  ${line}\n`)
      .join(""),
  ].join("")
}

function madeLines({ customer, api_key, endpoint, connection }: Made): string[][] {
  const lines = [
    ["customer", toText(customer.id), toText(customer.name)],
    ["API key", toText(api_key.key), ""],
    ["endpoint", toText(endpoint.id), toText(endpoint.url)],
    ["secret", toText(endpoint.secret), ""],
  ]
  if (connection) {
    const { id, platform, page_id, status } = connection
    lines.push(["connection", toText(id), `${toText(platform)} page ${toText(page_id)}, ${toText(status)}`])
  }
  return lines
}

function dashboardLines(gateway: string, { connection }: Made, env: NodeJS.ProcessEnv): string[][] {
  const platforms = connection ? [String(connection.platform)] : PLATFORMS
  const token = env.META_VERIFY_TOKEN
    ? "the gateway's META_VERIFY_TOKEN"
    : `META_VERIFY_TOKEN, or the text of ${join(dataDir(env), "meta-verify-token")}`
  return [
    ...platforms.map((platform) => ["  Callback URL", `${gateway}/webhooks/${platform}`]),
    ["  Verify token", token],
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
