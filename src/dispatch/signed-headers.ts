import type { Endpoint, EndpointSecret } from "../core/delivery/endpoint.ts"
import { signAsMeta, signWebhook } from "../core/delivery/signature.ts"

/**
 * The custom headers of the endpoint and the signatures of one request, made at `nowMs` over the exact text sent.
 *
 * Meta's header holds one signature. While secrets overlap, it uses the oldest, which the handler surely has.
 */
export function signedHeaders(endpoint: Endpoint, id: string, body: string, nowMs: number): Record<string, string> {
  const live = endpoint.secrets.filter(({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > nowMs)
  const timestampS = Math.floor(nowMs / 1000)
  return {
    ...endpoint.headers,
    "webhook-id": id,
    "webhook-timestamp": String(timestampS),
    "webhook-signature": signWebhook({ id, timestampS, body, secrets: live.map(({ key }) => key) }),
    ...(endpoint.hubSignature ? { "x-hub-signature-256": signAsMeta(body, oldest(live).text) } : {}),
  }
}

function oldest(live: readonly EndpointSecret[]): EndpointSecret {
  const secret = live.at(-1)
  if (!secret) throw new RangeError("an endpoint has no live secret")
  return secret
}
