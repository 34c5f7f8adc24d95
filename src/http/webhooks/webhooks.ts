import type {
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  preParsingHookHandler,
} from "fastify"
import { AppError } from "../../core/api/problem.ts"
import type { Ingested, Webhook } from "../../ingest/ingest.ts"
import { createLargeBodyLimit } from "./large-bodies.ts"

/** WhatsApp sends up to 3 MB. */
const BODY_LIMIT = 4 * 1024 * 1024
const PLATFORMS = ["facebook", "instagram", "whatsapp"] as const
type Platform = (typeof PLATFORMS)[number]

export const DEFAULT_APP_ID = "app_default"

interface App {
  id: string
  secrets: readonly string[]
  verifyToken: string
}

export interface WebhookRoutesDeps {
  app(appId: string): App | undefined
  ingest(webhook: Webhook): Promise<Ingested>
  /** Compares in constant time. */
  equal(a: string, b: string): boolean
  onWebhook(platform: Platform, result: string): void
}

interface Params {
  platform: string
  app_id?: string
}

interface Handshake {
  "hub.mode"?: string
  "hub.verify_token"?: string
  "hub.challenge"?: string
}

/** The routes that Meta posts to. Bodies stay bytes: the signature covers the exact bytes. */
export function webhookRoutes(deps: WebhookRoutesDeps): FastifyPluginAsync {
  function target(params: Params): { platform: Platform; app: App } {
    const platform = PLATFORMS.find((name) => name === params.platform)
    if (!platform) {
      throw new AppError("not_found", `The platform must be one of ${PLATFORMS.join(", ")}.`)
    }
    const app = deps.app(params.app_id ?? DEFAULT_APP_ID)
    if (app) return { platform, app }
    deps.onWebhook(platform, "unknown_app")
    throw new AppError(
      "not_found",
      params.app_id === undefined
        ? "No default app is configured: set META_APP_SECRET and META_VERIFY_TOKEN."
        : "There is no app with this id; use the callback URL shown for the app.",
    )
  }

  function handshake(request: FastifyRequest<{ Params: Params; Querystring: Handshake }>, reply: FastifyReply) {
    const { app } = target(request.params)
    const { "hub.mode": mode, "hub.verify_token": token, "hub.challenge": challenge } = request.query
    if (mode !== "subscribe" || typeof token !== "string" || typeof challenge !== "string") {
      throw new AppError(
        "handshake_refused",
        "The handshake requires hub.mode=subscribe, hub.verify_token and hub.challenge.",
      )
    }
    if (!deps.equal(token, app.verifyToken)) {
      throw new AppError("handshake_refused", "The hub.verify_token does not match the app's verify token.")
    }
    return reply.type("text/plain; charset=utf-8").header("x-content-type-options", "nosniff").send(challenge)
  }

  async function receive(request: FastifyRequest<{ Params: Params }>, reply: FastifyReply) {
    const { platform, app } = target(request.params)
    const header = request.headers["x-hub-signature-256"]
    const signature = Array.isArray(header) ? header[0] : header
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const result = await deps.ingest({ app, platform, bytes, signature }).catch((cause) => {
      deps.onWebhook(platform, "store_unavailable")
      throw new AppError("store_unavailable", "The webhook was not stored completely; send it again.", { cause })
    })
    deps.onWebhook(platform, result.kind)
    switch (result.kind) {
      case "accepted":
        return reply.code(200).send()
      case "unsigned":
        request.log.warn(
          { request_id: request.id, platform, app_id: app.id, reason: result.reason },
          "webhook rejected: invalid signature",
        )
        throw new AppError("signature_invalid", SIGNATURE_DETAIL[result.reason])
      case "not_json":
        throw new AppError("invalid_json", `The body cannot be parsed: ${result.reason}.`)
    }
  }

  const admit = createLargeBodyLimit(BODY_LIMIT, ({ params }) => {
    deps.onWebhook(target(params as Params).platform, "overloaded")
  })

  /** Whatever it says, and be it nothing that has a meaning: only the bytes count. */
  const onRequest: onRequestHookHandler = ({ raw: { headers } }, _reply, done) => {
    headers["content-type"] = "application/octet-stream"
    done()
  }

  const preParsing: preParsingHookHandler = (request, reply, payload, done) => {
    // Fastify responds with what `admit` throws.
    done(null, admit(request, reply, payload))
  }

  return async (server) => {
    server.removeAllContentTypeParsers()
    server.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: BODY_LIMIT }, (_request, body, done) => {
      done(null, body)
    })
    // With a slash at the end as well: a callback URL is typed by hand, and Meta calls it as it was typed.
    for (const url of ["/webhooks/:platform", "/webhooks/:platform/:app_id"].flatMap((path) => [path, `${path}/`])) {
      server.get<{ Params: Params; Querystring: Handshake }>(url, handshake)
      server.post<{ Params: Params }>(url, { bodyLimit: BODY_LIMIT, onRequest, preParsing }, receive)
    }
  }
}

const SIGNATURE_DETAIL = {
  missing: "The header X-Hub-Signature-256 is missing.",
  malformed: "X-Hub-Signature-256 must be sha256= followed by 64 lowercase hexadecimal digits.",
  mismatch: "X-Hub-Signature-256 does not match any secret of the app.",
} as const
