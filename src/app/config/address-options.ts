import type { Config } from "./config.ts"

/**
 * Which addresses endpoints may have; shared by the gateway, which checks new endpoints, and the dispatcher, which
 * connects.
 */
export function addressOptions({ loopbackOnly, endpoints }: Config) {
  return {
    allowLoopback: loopbackOnly,
    allowedCidrs: endpoints.allowedCidrs,
    allowedPorts: endpoints.allowedPorts,
  }
}
