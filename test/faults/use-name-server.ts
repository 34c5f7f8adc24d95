import dns from "node:dns/promises"
import { syncBuiltinESMExports } from "node:module"

// Loaded before Onehook by `--import`, so that its resolvers ask the server in FAULT_DNS instead of those in
// /etc/resolv.conf, which cannot be replaced for one process.
const { Resolver } = dns
dns.Resolver = class extends Resolver {
  constructor(options?: ConstructorParameters<typeof Resolver>[0]) {
    super(options)
    this.setServers([process.env.FAULT_DNS ?? ""])
  }
}
syncBuiltinESMExports()
