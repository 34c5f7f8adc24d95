import dns from "node:dns/promises"
import { syncBuiltinESMExports } from "node:module"

// Loaded before Onehook by `--import`: its resolvers then ask FAULT_DNS in place of the servers of /etc/resolv.conf,
// which no program can be given otherwise.
const { Resolver } = dns
dns.Resolver = class extends Resolver {
  constructor(options?: ConstructorParameters<typeof Resolver>[0]) {
    super(options)
    this.setServers([process.env.FAULT_DNS ?? ""])
  }
}
syncBuiltinESMExports()
