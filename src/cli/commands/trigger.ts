import { createHmac } from "node:crypto"
import { Argument, type Command } from "commander"
import { parseObject, request, toProblem } from "../client/api.ts"
import { RefusedError } from "../client/refused.ts"
import { gatewayOf, printerOf, withGateway } from "../client/session.ts"
import { findAppSecret } from "../client/settings.ts"
import { PLATFORMS } from "../input/parse.ts"
import type { Io } from "../io.ts"
import { SAMPLE_TEXT, SAMPLES } from "../samples/index.ts"

export function registerTrigger(program: Command, io: Io) {
  const command = program
    .command("trigger")
    .description("post a signed sample webhook to the gateway, as Meta would")
    .addArgument(new Argument("<platform>", "platform of the webhook").choices(PLATFORMS))
    .argument("[kind]", "kind of webhook", "text")
    .option("--text <text>", "text of the message", SAMPLE_TEXT)
    .option("--from <id>", "contact that sends it")
    .option("--page <id>", "page that receives it")
    .option("--app <id>", "post to the callback URL of this registered app (requires --secret)")
    .option(
      "--secret <secret>",
      "Meta app secret to sign with (META_APP_SECRET; default: the generated one in DATA_DIR)",
    )
    .addHelpText("after", `\nKinds:\n${kindsHelp()}`)
  withGateway(command).action((platform: string, kind: string) => trigger(io, command, platform, kind))
}

async function trigger(io: Io, command: Command, platform: string, kind: string) {
  const { text, from, page, app, secret } = command.opts()
  const samples = SAMPLES[platform]
  const make = samples && Object.hasOwn(samples.kinds, kind) ? samples.kinds[kind] : undefined
  if (!samples || !make) {
    return command.error(
      `error: ${platform} has no kind "${kind}"; it has ${Object.keys(samples?.kinds ?? {}).join(", ")}`,
    )
  }
  const input = { page: page ?? samples.page, from: from ?? samples.from, text, nowMs: Date.now() }
  const body = JSON.stringify(make(input))
  const url = new URL(`${gatewayOf(io, command)}/webhooks/${platform}${app ? `/${encodeURIComponent(app)}` : ""}`)
  const signature = signAsMeta(body, findAppSecret(secret, io.env))
  const headers = { "content-type": "application/json", "x-hub-signature-256": signature }
  const response = await request(url, { method: "POST", headers, body })
  const answer = await response.text()
  if (!response.ok) throw new RefusedError(refusal(response, answer))

  const print = printerOf(io, command)
  const done = { url: url.href, status: response.status, platform, kind, page_id: input.page, from: input.from }
  print.one(
    { ...done, body: JSON.parse(body) },
    `${response.status}: ${platform} ${kind} from ${input.from} to page ${input.page}\n`,
  )
  if (!page) print.note(`this is a sample page: connect it to a customer to receive its events, or pass --page`)
}

/** `X-Hub-Signature-256` as Meta computes it over the exact body. */
export function signAsMeta(body: string, appSecret: string): string {
  return `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`
}

function refusal(response: Response, answer: string) {
  const problem = toProblem(response, parseObject(answer))
  if (response.status === 401)
    problem.hint = "the webhook was signed with a secret that is not the app's; pass --secret"
  return problem
}

function kindsHelp(): string {
  return PLATFORMS.map((name) => `  ${name.padEnd(11)}${Object.keys(SAMPLES[name]?.kinds ?? {}).join(", ")}`).join("\n")
}
