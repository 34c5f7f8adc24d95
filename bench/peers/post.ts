import { Pool } from "undici"
import { prepareSecrets, signWebhook } from "../../src/core/delivery/signature.ts"
import type { World } from "../load/world.ts"
import type { Forward } from "./router.ts"

const CONNECTIONS = 128
/** The same timeout as Onehook's. */
const FIRST_BYTE_WITHIN_MS = 15_000

/** Signs and posts to an endpoint over keep-alive connections. Throws if the response is not a success. */
export function createPost(world: World) {
  const origins = new Set(world.endpoints.map(({ url }) => new URL(url).origin))
  const options = { connections: CONNECTIONS, pipelining: 1, headersTimeout: FIRST_BYTE_WITHIN_MS }
  const pools = new Map([...origins].map((origin) => [origin, new Pool(origin, options)]))
  const targets = world.endpoints.map(({ url, secret }) => ({
    pool: pools.get(new URL(url).origin) as Pool,
    path: new URL(url).pathname,
    secrets: prepareSecrets([secret]),
  }))

  return async function post({ endpoint, id, body }: Forward): Promise<void> {
    const target = targets[endpoint]
    if (target === undefined) throw new Error(`no endpoint ${endpoint}`)
    const timestampS = Math.floor(Date.now() / 1000)
    const answer = await target.pool.request({
      method: "POST",
      path: target.path,
      body,
      headers: {
        "content-type": "application/json",
        "user-agent": "bench-peer/1",
        "webhook-id": id,
        "webhook-timestamp": String(timestampS),
        "webhook-signature": signWebhook({ id, timestampS, body, secrets: target.secrets }),
      },
    })
    await answer.body.dump()
    if (answer.statusCode >= 300) throw new Error(`the endpoint responded with ${answer.statusCode}`)
  }
}
