import Fastify from "fastify"
import { verifyMetaSignature } from "../../src/core/delivery/signature.ts"
import { parseJson } from "../../src/core/json/json.ts"
import type { Platform } from "../load/world.ts"

/**
 * The part that all peers share: raw body, verified signature, parsed JSON, then `handle`, then 200.
 *
 * @returns the free loopback port it listens on
 */
export async function startWebhookServer(
  appSecret: string,
  handle: (platform: Platform, body: unknown) => Promise<void>,
): Promise<number> {
  const app = Fastify({ logger: false, bodyLimit: 4 * 1024 * 1024 })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body))
  app.post<{ Params: { platform: Platform }; Body: Buffer }>("/webhooks/:platform", async (request, reply) => {
    const signature = request.headers["x-hub-signature-256"]
    const verified = verifyMetaSignature(request.body, Array.isArray(signature) ? undefined : signature, [appSecret])
    if (verified !== "valid") return reply.code(401).send()
    await handle(request.params.platform, parseJson(request.body))
    return reply.code(200).send()
  })
  const url = await app.listen({ host: "127.0.0.1", port: 0, backlog: 1024 })
  return Number(new URL(url).port)
}
